import type { Option } from '../../iptables/rule.ts'
import type { Packet } from '../packet.ts'
import { known, type Ternary } from '../ternary.ts'
import { everyOption, type Predicate } from './predicate.ts'

/**
 * Reads the options of `-m physdev`. The kernel knows the port by which a packet leaves if a bridge passes it on. It
 * does not know it if the packet is routed to a bridge (net/netfilter/xt_physdev.c). An option with the name of a port
 * is in doubt.
 */
export function readPhysdev(options: readonly Option[]): Predicate {
  return everyOption(options, ({ name }) => {
    if (name === 'physdev-is-bridged' || name === 'physdev-is-out') return isBridged
    return name === 'physdev-is-in' ? (packet) => (packet.bridged ? 'yes' : 'maybe') : undefined
  })
}

/**
 * Whether a bridge passes a packet on: then it leaves by the interface by which it came. In PREROUTING nobody has yet.
 */
export function isBridged({ bridged, in: from, out }: Packet): Ternary {
  if (out === '') return 'no'
  if (bridged !== undefined) return known(bridged)
  const named = from !== undefined && out !== undefined && !`${from} ${out}`.includes('+')
  return named && from !== out ? 'no' : 'maybe'
}
