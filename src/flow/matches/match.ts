import type { Match } from '../../iptables/rule.ts'
import { readInterface } from '../interface-name.ts'
import { readAddress } from './address.ts'
import { matchExtensions } from './extensions.ts'
import { negatedIf, type Predicate, unknowable } from './predicate.ts'
import { readProtocol } from './protocol.ts'

/** Reads one condition of a rule. A condition that is not understood is in doubt, never left out. */
export function readMatch(match: Match): Predicate {
  switch (match.kind) {
    case 'in':
    case 'out':
      return negatedIf(match.negated, readInterface(match.kind, match.interface))
    case 'source':
    case 'destination':
      return negatedIf(match.negated, readAddress(match.kind, match.cidr))
    case 'protocol':
      return negatedIf(match.negated, readProtocol(match.protocol))
    case 'module': {
      const extension = matchExtensions.get(match.module)
      return extension?.kind === 'read' ? extension.read(match.options) : unknowable
    }
    case 'other':
      return unknowable
  }
}
