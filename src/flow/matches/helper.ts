import type { Option } from '../../iptables/rule.ts'
import { everyOption, type Predicate } from './predicate.ts'

/**
 * Reads `--helper` of `-m helper`: whether the connection belongs to another one that has this helper. A first packet of its
 * own, and one without a connection, belongs to none (net/netfilter/xt_helper.c).
 */
export function readHelper(options: readonly Option[]): Predicate {
  return everyOption(options, ({ name }) => {
    if (name !== 'helper') return undefined
    return ({ state }) =>
      state === 'NEW' || state === 'INVALID' || state === 'UNTRACKED' ? 'no' : 'maybe'
  })
}
