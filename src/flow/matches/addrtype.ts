import type { Range } from '../../ip/ipv4-ranges.ts'
import type { Option } from '../../iptables/rule.ts'
import { and, not, or, type Ternary } from '../ternary.ts'
import { isBroadcast, isLocal, isMulticast } from '../walking/local-addresses.ts'
import { rangeOf } from '../walking/packet-address.ts'
import type { World } from '../world.ts'
import { everyOption, type Predicate } from './predicate.ts'

/** Reads `--src-type` and `--dst-type` of `-m addrtype`. With `--limit-iface-in` or `-out` it is in doubt. */
export function readAddrtype(options: readonly Option[]): Predicate {
  return everyOption(options, ({ name, values: [list = ''] }) => {
    const side = name === 'src-type' ? 'source' : name === 'dst-type' ? 'destination' : undefined
    if (!side) return undefined
    const types = list.split(',')
    if (types.length > maxTypes) return undefined
    return (packet, world) => {
      const some = rangeOf(packet[side])
      return some ? or(...types.map((type) => isOf(type, some, world))) : 'maybe'
    }
  })
}

/** The number of types that the kernel knows. */
const maxTypes = 12

/** As the kernel's table `local` says (net/ipv4/fib_frontend.c, inet_addr_type). What is nothing else is UNICAST. */
function isOf(type: string, some: Range, world: World): Ternary {
  if (type === 'UNSPEC') return 'no'
  if (type === 'LOCAL') return isLocal(some, world)
  if (type === 'MULTICAST') return isMulticast(some)
  if (type === 'BROADCAST') return isBroadcast(some, world)
  if (type !== 'UNICAST') return 'maybe'
  return and(not(isLocal(some, world)), not(isMulticast(some)), not(isBroadcast(some, world)))
}
