import type { Sections } from '../agent/sections.ts'
import { type Interface, readInterfaces } from './interfaces.ts'
import { failing, type Reading, readSection } from './reading.ts'
import { type Route, readRoutes } from './routes.ts'

/** What decides which way packets take through a host. */
export interface HostNetwork {
  readonly interfaces: readonly Interface[]
  readonly routes: readonly Route[]
}

/** Reads interfaces, their addresses and the routes from the one answer that holds all; unreadable if any of them is. */
export function readNetwork(sections: Sections): Reading<HostNetwork> {
  const network = readSection(withoutEntries(sections), 'network', command)
  if (network.kind === 'unreadable') return network
  const interfaces = readInterfaces(sections)
  // Every host has loopback.
  if (interfaces.length === 0) {
    return failing(command, `\`${command}\` shows no interface`)
  }
  return { kind: 'read', value: { interfaces, routes: readRoutes(sections) } }
}

/** What the agent reads, as a person would ask for it. */
const command = 'ip -4 addr; ip -4 route; ip link'

/** A failed answer without what was read before it failed: that does not say why. */
function withoutEntries(sections: Sections): Sections {
  const section = sections.get('network')
  if (!section || section.code === 0) return sections
  const text = section.text.replace(/^(\d+: |.* dev ).*\n?/gm, '')
  return new Map([['network', { ...section, text }]])
}
