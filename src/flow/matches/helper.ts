import type { Option } from '../../iptables/rule.ts'
import { everyOption, type Predicate } from './predicate.ts'

/**
 * Reads `--helper` of `-m helper`: whether the connection was expected by the helper of another connection. A NEW packet and
 * a packet without a connection never match (net/netfilter/xt_helper.c).
 */
export function readHelper(options: readonly Option[]): Predicate {
  return everyOption(options, ({ name }) => {
    if (name !== 'helper') return undefined
    return ({ state }) =>
      state === 'NEW' || state === 'INVALID' || state === 'UNTRACKED' ? 'no' : 'maybe'
  })
}
