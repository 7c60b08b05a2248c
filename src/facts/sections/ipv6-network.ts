import { isIPv6 } from 'node:net'
import type { Sections } from '../../agent/sections.ts'
import { formatDual, parseDual } from '../../ip/dual.ts'
import { dualPurpose } from '../../ip/special-purpose.ts'
import { textOf } from '../reading.ts'
import type { Route } from '../routes.ts'

/**
 * IPv6 of a host. Link-local and multicast addresses and routes are left out, because no packet to them is forwarded. On a host that
 * does not forward IPv6, outsiders cannot reach pods by it: there `addresses` and `routes` are empty.
 */
export interface Ipv6Network {
  readonly forwards: boolean
  /** Its lasting addresses. */
  readonly addresses: readonly Ipv6Address[]
  /** Its lasting addresses, also if it does not forward IPv6. Then they are read only for a guard before routing. */
  readonly sources: readonly Ipv6Address[]
  /** Temporary addresses (privacy extensions, RFC 8981) of interfaces on which the host prefers them as sources. */
  readonly temporary: readonly Ipv6Address[]
  readonly routes: readonly Route[]
}

interface Ipv6Address {
  readonly device: string
  readonly address: string
}

/** Reads the lines of /proc/net/if_inet6 and /proc/net/ipv6_route (net/ipv6/addrconf.c and route.c in Linux). */
export function readIpv6Network(sections: Sections): Ipv6Network {
  const lines = textOf(sections, 'ipv6').split('\n')
  const addresses = lines.flatMap((line) => {
    const [, hex = '', flags = '', device] =
      /^([\da-f]{32}) \S+ \S+ \S+ ([\da-f]+) +(\S+)$/.exec(line) ?? []
    const address = addressOf(hex)
    const bits = Number.parseInt(flags, 16)
    const counts = address && device && (bits & passing) === 0 && !staysOnLink(address)
    return counts ? [{ device, address, passes: (bits & temporary) !== 0 }] : []
  })
  const preferring = lines.flatMap((line) => /^prefers (\S+)$/.exec(line)?.[1] ?? [])
  const sources = addresses.filter(({ passes }) => !passes).map(bare)
  const forwards = lines[0] !== 'not-forwarding'
  return {
    forwards,
    addresses: forwards ? sources : [],
    sources,
    temporary: addresses
      .filter(({ passes, device }) => passes && preferring.includes(device))
      .map(bare),
    routes: lines.flatMap((line) => parseRoute(line) ?? []),
  }
}

function bare({ device, address }: Ipv6Address): Ipv6Address {
  return { device, address }
}

// The flags of addresses (include/uapi/linux/if_addr.h).
const temporary = 0x01
/** Deprecated and tentative addresses. */
const passing = 0x20 | 0x40

const gateway = 0x2
const rejects = 0x200
const ofTheHost = 0x80000000
const anycast = 0x100000
/** The metric of a route that the kernel makes with an address (IP6_RT_PRIO_ADDRCONF in include/net/ip6_route.h). Others get 1024. */
const byAddress = '00000100'

function parseRoute(line: string): Route | undefined {
  const [to = '', length = '', , , hop = '', metric, , , bits = '', device] = line.split(/\s+/)
  const address = addressOf(to)
  const flags = Number.parseInt(bits, 16)
  if (!address || !/^[\da-f]{2}$/.test(length) || Number.isNaN(flags)) return
  // Numbers of 32 bits, so `&` may give a negative one.
  if ((flags & (ofTheHost | anycast)) !== 0 || staysOnLink(address)) return undefined
  return {
    kind: (flags & rejects) !== 0 ? 'blackhole' : 'unicast',
    cidr: `${address}/${Number.parseInt(length, 16)}`,
    via: (flags & gateway) !== 0 ? addressOf(hop) : undefined,
    device,
    source: undefined,
    ...(metric === byAddress && { protocol: 'kernel' }),
  }
}

function staysOnLink(address: string): boolean {
  const network = parseDual(address)
  const purpose = network && dualPurpose(network)
  return purpose === 'link-local' || purpose === 'multicast'
}

function addressOf(hex: string): string | undefined {
  if (hex.length !== 32) return undefined
  const text = hex.replace(/(.{4})(?!$)/g, '$1:')
  const parsed = isIPv6(text) ? parseDual(text) : undefined
  return parsed && formatDual(parsed)
}
