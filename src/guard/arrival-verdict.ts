import type { Arrival } from '../flow/arrival.ts'

/**
 * What a guard before routing does with an arriving packet. `unsure`: it belongs to a connection whose beginner is not
 * known, or rules that are not ours may decide first.
 */
export type ArrivalVerdict = 'stops' | 'passes' | 'unsure'

/** What it does with a packet that asks for a closed network, and is from nobody whom it admits. */
export function verdictOnOutsider({ state }: Arrival): ArrivalVerdict {
  // Answers pass, and of an existing connection a packet may be an answer.
  return state === 'ESTABLISHED' || state === 'RELATED' ? 'unsure' : 'stops'
}
