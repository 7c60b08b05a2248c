import { unknownBits } from '../bits.ts'
import type { Packet } from '../packet.ts'

/** A built-in chain of a table. */
export interface Hook {
  readonly table: string
  readonly chain: string
}

/**
 * The packet as rules of a built-in chain see it. In PREROUTING it has no way out, so `out` is empty, and before nat it has
 * its destination on the wire. The table raw comes before conntrack: there every packet has no connection and is INVALID.
 */
export function seenAt({ table, chain }: Hook, packet: Packet): Packet {
  if (chain !== 'PREROUTING') return packet
  const arrived = table === 'nat' ? packet : beforeNat(packet)
  const seen = packet.out === '' ? arrived : { ...arrived, out: '' }
  if (table !== 'raw') return seen
  return { ...seen, state: 'INVALID', direction: undefined, connmark: unknownBits }
}

/**
 * The packet with its destination on the wire. In an existing connection, nat PREROUTING translates destinations: those of
 * requests by DNAT, those of replies by SNAT. Then the wire's destination is known only if the client's request is.
 */
function beforeNat(packet: Packet): Packet {
  const { state, direction, snat, dnat } = packet
  if (state !== undefined && state !== 'ESTABLISHED' && state !== 'RELATED') return packet
  const stays =
    (direction === 'REPLY' || dnat === false) && (direction === 'ORIGINAL' || snat === false)
  if (stays) return packet
  const request = direction === 'ORIGINAL'
  return {
    ...packet,
    translatedDestination: packet.destination,
    destination: request ? packet.originalDestination : undefined,
    destinationPort: request ? packet.originalDestinationPort : undefined,
  }
}

/**
 * The packet behind a built-in chain. It has again all of `before` that rules there could not see or change, so its
 * destination is the one behind nat. If raw keeps it from conntrack, nobody translates it; `untracked`: raw may have.
 */
export function afterHook(
  { table }: Hook,
  before: Packet,
  after: Packet,
  untracked: boolean,
): Packet {
  const { out, destination, destinationPort, translatedDestination } = before
  const { connmark, state, direction, dnat, snat } = before
  const on = { ...after, out, destination, destinationPort, translatedDestination }
  if (table !== 'raw') return on
  const unseen = { ...on, connmark, direction: undefined }
  if (after.state === 'UNTRACKED')
    return { ...unseen, state: 'UNTRACKED', dnat: false, snat: false }
  const doubtful = after.state === undefined && untracked && state !== 'UNTRACKED'
  return doubtful
    ? // What was not translated stays so, tracked or not.
      { ...unseen, state: undefined, dnat: dnat && undefined, snat: snat && undefined }
    : { ...unseen, state, direction, dnat, snat }
}
