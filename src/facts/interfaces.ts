import type { Sections } from '../agent/sections.ts'
import { textOf } from './reading.ts'

/** A network interface. `addresses` are its IPv4 addresses without prefix length, the primary one first. */
export interface Interface {
  readonly name: string
  readonly up: boolean
  readonly addresses: readonly string[]
  /** The bridge, bond, VRF or virtual switch that it is a port of, if it is. */
  readonly master?: string
  /** Whether it is a bridge of Linux, which sends packets from port to port. Known for the guard `forward` only. */
  readonly bridge?: true
  /** Whether it is a port, and nothing is at its other end. */
  readonly unplugged?: true
  /** Whether it is a VRF. Packets come in twice there: first by a port, then by the VRF. */
  readonly vrf?: true
  /** Whether it is a tunnel or VPN by its kind: it has one far end, or no addresses of links, as WireGuard, tun and xfrm. */
  readonly tunnel?: true
}

/** Reads the links and addresses that `ip -4 -o` shows, in the kernel's order; loopback included. */
export function readInterfaces(sections: Sections): readonly Interface[] {
  const text = textOf(sections, 'network')
  const addresses = readAddresses(text)
  const bridges = new Set(textOf(sections, 'bridges').split('\n'))
  return text.split('\n').flatMap((line) => {
    const [, name, flags] = /^\d+:\s+([^:@\s]+)(?:@\S+)?:\s+<([^>]*)>/.exec(line) ?? []
    if (!name || flags === undefined) return []
    // What follows the break that -o prints as a backslash may be a description, in anybody's words.
    const master = / master (\S+)/.exec(line.replace(/\\ .*/, ''))?.[1]
    const set = flags.split(',')
    const up = set.includes('UP')
    // Bonds are masters, too, but they have ARP (drivers/net/vrf.c in Linux).
    const vrf = set.includes('MASTER') && set.includes('NOARP')
    // What tunl0 or gre0 is when its module is loaded has neither.
    const bare = /^[^\\]*\\\s+link\/none\b/.test(line)
    const tunnel = set.includes('POINTOPOINT') || (set.includes('NOARP') && bare)
    const about = {
      ...(master !== undefined && { master }),
      ...(master !== undefined && set.includes('NO-CARRIER') && { unplugged: true as const }),
      ...(bridges.has(name) && { bridge: true as const }),
      ...(vrf && { vrf }),
      ...(tunnel && { tunnel }),
    }
    return [{ name, up, addresses: addresses.get(name) ?? [], ...about }]
  })
}

/**
 * Whether packets come to the rules before routing by the master of an interface instead. A VRF is no such master: these rules see its
 * ports first, and see the VRF only after DNAT (l3mdev_ip_rcv, net/ipv4/ip_input.c in Linux).
 */
export function isPort({ master }: Interface, interfaces: readonly Interface[]): boolean {
  return master !== undefined && !interfaces.some(({ name, vrf }) => name === master && vrf)
}

/**
 * The interfaces as rules in FORWARD see them: packets come in by a VRF, never by its ports, so it has their addresses as well
 * (l3mdev_ip_rcv again).
 */
export function inForward(interfaces: readonly Interface[]): readonly Interface[] {
  const vrfs = new Set(interfaces.filter(({ vrf }) => vrf).map(({ name }) => name))
  return interfaces
    .filter(({ master = '' }) => !vrfs.has(master))
    .map((one) => {
      if (!one.vrf) return one
      const ports = interfaces.filter(({ master }) => master === one.name)
      return { ...one, addresses: [one, ...ports].flatMap(({ addresses }) => addresses) }
    })
}

function readAddresses(text: string): ReadonlyMap<string, readonly string[]> {
  const addresses = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    const [, name, address] = /^\d+:\s+(\S+)\s+inet (\d+(?:\.\d+){3})/.exec(line) ?? []
    if (!name || !address) continue
    const own = addresses.get(name)
    if (own) own.push(address)
    else addresses.set(name, [address])
  }
  return addresses
}
