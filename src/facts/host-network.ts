import type { Sections } from '../agent/sections.ts'
import { type Interface, readInterfaces } from './interfaces.ts'
import { type Reading, readSection } from './reading.ts'
import { type Route, readRoutes } from './routes.ts'

/** What decides which way packets take through a host. */
export interface HostNetwork {
  readonly interfaces: readonly Interface[]
  readonly routes: readonly Route[]
}

/** Reads interfaces, their addresses and the routes; unreadable if any of them is. */
export function readNetwork(sections: Sections): Reading<HostNetwork> {
  for (const [name, command] of Object.entries(commands)) {
    const part = readSection(sections, name, command)
    if (part.kind === 'unreadable') return part
  }
  const interfaces = readInterfaces(sections)
  // Every host has loopback.
  if (interfaces.length === 0) {
    return { kind: 'unreadable', reason: `${commands.links} shows no interface` }
  }
  return { kind: 'read', value: { interfaces, routes: readRoutes(sections) } }
}

/** What the agent runs for each of these sections. */
const commands = {
  links: 'ip -o link show',
  addresses: 'ip -4 -o addr show',
  routes: 'ip -4 route show',
} as const
