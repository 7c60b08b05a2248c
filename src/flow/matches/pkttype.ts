import type { Option } from '../../iptables/rule.ts'
import { known } from '../ternary.ts'
import { isMulticast } from '../walking/local-addresses.ts'
import { rangeOf } from '../walking/packet-address.ts'
import { isBridged } from './physdev.ts'
import { everyOption, type Predicate } from './predicate.ts'

/**
 * Reads `--pkt-type` of `-m pkttype`: to whom the frame was sent. The kernel routes only frames that were sent to the host
 * itself, `unicast` (net/ipv4/ip_forward.c). A bridge passes on any frame, and a multicast router frames to its groups.
 */
export function readPkttype(options: readonly Option[]): Predicate {
  return everyOption(options, ({ name, values: [type] }) => {
    if (name !== 'pkt-type') return undefined
    return (packet) => {
      const destination = rangeOf(packet.destination)
      const routed = packet.bridged === false || (packet.out !== '' && isBridged(packet) === 'no')
      const sure = routed && destination !== undefined && isMulticast(destination) === 'no'
      return sure ? known(type === 'unicast' || type === 'host') : 'maybe'
    }
  })
}
