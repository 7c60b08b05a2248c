import type { Option } from '../../iptables/rule.ts'
import { known, type Ternary } from '../../ternary.ts'
import type { Packet } from '../packet.ts'
import { everyOption, type Predicate } from './predicate.ts'

/**
 * Reads `-m physdev`. The kernel knows the port a packet leaves by only where a bridge passes it on, which a routed packet
 * never is, even out of a bridge (net/netfilter/xt_physdev.c); names of ports make doubt.
 */
export function readPhysdev(options: readonly Option[]): Predicate {
  return everyOption(options, ({ name }) => {
    if (name === 'physdev-is-bridged' || name === 'physdev-is-out') return isBridged
    return name === 'physdev-is-in' ? (packet) => (packet.bridged ? 'yes' : 'maybe') : undefined
  })
}

/** A bridge passes on only what leaves by the interface it came in on; before there is a way out, it has not yet. */
function isBridged({ bridged, in: from, out }: Packet): Ternary {
  if (out === '') return 'no'
  if (bridged !== undefined) return known(bridged)
  const named = from !== undefined && out !== undefined && !`${from} ${out}`.includes('+')
  return named && from !== out ? 'no' : 'maybe'
}
