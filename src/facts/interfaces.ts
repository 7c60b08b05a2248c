import type { Sections } from '../agent/sections.ts'
import { textOf } from './reading.ts'

/** A network interface. `addresses` are its IPv4 addresses without prefix length, the primary one first. */
export interface Interface {
  readonly name: string
  readonly up: boolean
  readonly addresses: readonly string[]
  /** The bridge or bond that it is a port of, if it is. */
  readonly master?: string
}

/** Reads `ip -o link` and `ip -4 -o addr`, in the kernel's order; loopback included. */
export function readInterfaces(sections: Sections): readonly Interface[] {
  const addresses = textOf(sections, 'addresses')
    .split('\n')
    .map((line) => /^\d+:\s+(\S+)\s+inet (\d+(?:\.\d+){3})/.exec(line))
  return textOf(sections, 'links')
    .split('\n')
    .flatMap((line) => {
      const [, name, flags] = /^\d+:\s+([^:@\s]+)(?:@\S+)?:\s+<([^>]*)>/.exec(line) ?? []
      if (!name || flags === undefined) return []
      const own = addresses.flatMap((found) => (found?.[1] === name && found[2] ? [found[2]] : []))
      const master = / master (\S+)/.exec(line)?.[1]
      const up = flags.split(',').includes('UP')
      return [{ name, up, addresses: own, ...(master !== undefined && { master }) }]
    })
}
