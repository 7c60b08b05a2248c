import { parseRange } from '../../ip/ipv4-ranges.ts'
import type { Option } from '../../iptables/rule.ts'
import type { Packet } from '../packet.ts'
import { known, not, type Ternary } from '../ternary.ts'
import type { World } from '../world.ts'
import { type Predicate, unknowable } from './predicate.ts'

/** Reads the options of `-m rpfilter`: whether a reply would leave by the interface by which the packet came. */
export function readRpfilter(options: readonly Option[]): Predicate {
  const names = options.map(({ name }) => name)
  if (!names.every((name) => flags.has(name))) return unknowable
  return (packet, world) => {
    const passes = isExpected(packet, world, names)
    return names.includes('invert') ? not(passes) : passes
  }
}

const flags: ReadonlySet<string> = new Set(['loose', 'validmark', 'accept-local', 'invert'])

/** As the kernel does (net/ipv4/netfilter/ipt_rpfilter.c), by the routes that the world knows. */
function isExpected(packet: Packet, world: World, names: readonly string[]): Ternary {
  if (packet.in === 'lo') return 'yes'
  const { source } = packet
  const range = source === undefined ? undefined : parseRange(source)
  if (source === undefined || !range || range.first !== range.last) return 'maybe'
  if (packet.in === undefined || packet.in.endsWith('+') || !world.devicesTowards) return 'maybe'
  // A source of 0.0.0.0 is allowed for packets to some destinations.
  if (range.first < 2 ** 24) return 'maybe'
  if (world.localAddresses.includes(source)) return names.includes('accept-local') ? 'maybe' : 'no'
  const devices = world.devicesTowards(source)
  return known(names.includes('loose') ? devices.length > 0 : devices.includes(packet.in))
}
