import { formatAddress } from '../../ip/address.ts'
import { parseRange, type Range } from '../../ip/ranges.ts'
import type { Rule } from '../../iptables/rule.ts'
import type { Ruleset } from '../../iptables/ruleset.ts'
import { maxRangeSamples } from '../../limits.ts'
import { forwardingRules } from '../forwarding-rules.ts'
import { type Condition, kindsBy } from './kinds.ts'
import { addressConditions, portConditions } from './matched-ranges.ts'

/** Takes a few of what a rule of nat names as a range: both ends, and one of each kind that rules tell apart within. */
export interface RangeSamples {
  readonly ports: (text: string) => readonly number[]
  readonly addresses: (cidr: string) => readonly string[]
}

/**
 * Reads the rules when the first range is asked for: most that nat names is single. What only rules of nat tell apart comes
 * last: those publish by themselves.
 */
export function rangeSamples(ruleset: Ruleset): RangeSamples {
  const rowsBy = (conditionsOf: (rules: readonly Rule[]) => readonly Condition[]) => {
    let rows: readonly Range[] | undefined
    return (): readonly Range[] => {
      rows ??= [['raw', 'mangle', 'filter'], ['nat']].flatMap((tables) => {
        const rules = tables.flatMap((table) => forwardingRules(ruleset, table))
        return kindsBy(conditionsOf(rules)).rows
      })
      return rows
    }
  }
  const portRows = rowsBy((rules) => portConditions(rules, new Map()))
  const addressRows = rowsBy((rules) => addressConditions(rules, 'destination', new Map()))
  return {
    ports: (text) => {
      const [first = 0, last = first] = text.split(':').map((end) => Number(end || 0))
      return within({ first, last: last === 0 ? 65535 : last }, portRows)
    },
    addresses: (cidr) => {
      const range = parseRange(cidr)
      return range ? within(range, addressRows).map(formatAddress) : []
    },
  }
}

function within({ first, last }: Range, rows: () => readonly Range[]): readonly number[] {
  if (first >= last) return [first]
  const starts = rows().flatMap((row) => (row.first > first && row.first < last ? row.first : []))
  return [...new Set([first, last, ...starts])].slice(0, maxRangeSamples)
}
