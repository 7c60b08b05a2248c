import { protocolNumber } from '../protocol-number.ts'
import { known } from '../ternary.ts'
import { always, type Predicate, unknowable } from './predicate.ts'

/** Reads the protocol of `-p`, a name or a number. Number 0 means every protocol. */
export function readProtocol(text: string): Predicate {
  const wanted = protocolNumber(text)
  if (wanted === undefined) return unknowable
  if (wanted === 0) return always
  return ({ protocol }) => {
    const number = protocol === undefined ? undefined : protocolNumber(protocol)
    return number === undefined ? 'maybe' : known(number === wanted)
  }
}
