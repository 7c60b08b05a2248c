import type { Rule, Target } from '../../iptables/rule.ts'
import { unknownBits } from '../bits.ts'
import type { Packet } from '../packet.ts'

/** A table, and a built-in chain of it. */
export interface Hook {
  readonly table: string
  readonly chain: string
}

/**
 * The packet as rules of a built-in chain see it. In PREROUTING it has no way out yet, so `-o` names none, and before nat
 * it goes where it went on the wire. The table raw comes before conntrack: no rule there sees a connection, and the state
 * of any packet is INVALID.
 */
export function seenAt({ table, chain }: Hook, packet: Packet): Packet {
  if (chain !== 'PREROUTING') return packet
  const arrived = table === 'nat' ? packet : beforeNat(packet)
  const seen = packet.out === '' ? arrived : { ...arrived, out: '' }
  if (table !== 'raw') return seen
  return { ...seen, state: 'INVALID', direction: undefined, connmark: unknownBits }
}

/**
 * The packet with the destination that it has on the wire. Of a connection that exists, nat PREROUTING translates it: what
 * went there first by DNAT, and answers back by SNAT. Only what the first packet was sent to may be known before.
 */
function beforeNat(packet: Packet): Packet {
  const { state, direction, snat, dnat } = packet
  if (state !== undefined && state !== 'ESTABLISHED' && state !== 'RELATED') return packet
  const stays =
    (direction === 'REPLY' || dnat === false) && (direction === 'ORIGINAL' || snat === false)
  if (stays) return packet
  // An ICMP error has the ends of its connection, but no ports.
  const again = direction === 'ORIGINAL'
  return {
    ...packet,
    translatedDestination: packet.destination,
    destination: again ? packet.originalDestination : undefined,
    destinationPort: again ? packet.originalDestinationPort : undefined,
  }
}

/** A rule that a packet matched, or perhaps did. */
interface Matched {
  readonly rule: Rule
  readonly match: 'yes' | 'maybe'
}

/**
 * The packet after such a chain: with all of `before` that the rules could not see and have not changed. Its
 * destination is the one behind nat again; where raw keeps it from conntrack, it had that on the wire.
 */
export function afterHook(
  { table }: Hook,
  before: Packet,
  after: Packet,
  matched: readonly Matched[],
): Packet {
  const { out, destination, destinationPort, translatedDestination } = before
  const { connmark, state, direction, dnat, snat } = before
  const on = { ...after, out, destination, destinationPort, translatedDestination }
  if (table !== 'raw') return on
  const unseen = { ...on, connmark, direction: undefined }
  if (after.state === 'UNTRACKED')
    return { ...unseen, state: 'UNTRACKED', dnat: false, snat: false }
  // What nobody has translated is not translated either way.
  return after.state === undefined && perhapsUntracked(matched) && state !== 'UNTRACKED'
    ? { ...unseen, state: undefined, dnat: dnat && undefined, snat: snat && undefined }
    : { ...unseen, state, direction, dnat, snat }
}

/** Where there is no doubt, the first rule that settles it counts; else any may have. */
function perhapsUntracked(matched: readonly Matched[]): boolean {
  const settling = matched.filter(({ rule }) => /^(CT|NOTRACK)$/.test(rule.target?.name ?? ''))
  const surely = matched.every(({ match }) => match === 'yes')
  return settling.slice(0, surely ? 1 : undefined).some(({ rule }) => untracks(rule.target))
}

/**
 * The packet after CT or NOTRACK. The first of them counts: it leaves a template or takes the packet from conntrack, and
 * the next one does nothing to either (net/netfilter/xt_CT.c). What a rule of raw sees of a template is not known here.
 */
export function settleTracking(packet: Packet, target: Target): Packet {
  if (packet.state !== 'INVALID') return packet
  return { ...packet, state: untracks(target) ? 'UNTRACKED' : undefined }
}

function untracks(target: Target | undefined): boolean {
  if (target?.name === 'NOTRACK') return true
  return target?.name === 'CT' && target.options.some(({ name }) => name === 'notrack')
}
