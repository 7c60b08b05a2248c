import { formatAddress } from '../../ip/ipv4.ts'
import { parseRange, type Range } from '../../ip/ipv4-ranges.ts'
import type { Rule } from '../../iptables/rule.ts'
import type { Ruleset } from '../../iptables/ruleset.ts'
import { maxRangeSamples } from '../../limits.ts'
import { forwardingRules } from '../forwarding-rules.ts'
import { kindsBy, type MatchedRanges } from './kinds.ts'
import { matchedAddresses, matchedPorts } from './matched-ranges.ts'

/** Samples a range that a rule of nat names: both ends, and one number of each kind between them. */
export interface RangeSamples {
  /** Of `30000:32767`; a single port is its own sample. */
  readonly ports: (text: string) => readonly number[]
  /** Of `198.51.100.0/24`; a single address is its own sample. */
  readonly addresses: (cidr: string) => readonly string[]
}

/**
 * Makes the functions that sample ranges by the rules of a host. Kinds that only nat tells apart come last, because a port
 * that nat names is published by itself. The rules are read when the first real range is asked for: few hosts have any.
 */
export function rangeSamples(ruleset: Ruleset): RangeSamples {
  const rowsBy = (matchedBy: (rules: readonly Rule[]) => readonly MatchedRanges[]) => {
    let rows: readonly Range[] | undefined
    return (): readonly Range[] => {
      rows ??= [['raw', 'mangle', 'filter'], ['nat']].flatMap((tables) => {
        const rules = tables.flatMap((table) => forwardingRules(ruleset, table))
        return kindsBy(matchedBy(rules)).rows
      })
      return rows
    }
  }
  const portRows = rowsBy((rules) => matchedPorts([rules], new Map()))
  const addressRows = rowsBy((rules) => matchedAddresses([rules], 'destination', new Map()))
  return {
    ports: (text) => {
      const [first = 0, last = first] = text.split(':').map((end) => Number(end || 0))
      return samplesOf({ first, last: last === 0 ? 65535 : last }, portRows)
    },
    addresses: (cidr) => {
      const range = parseRange(cidr)
      return range ? samplesOf(range, addressRows).map(formatAddress) : []
    },
  }
}

function samplesOf({ first, last }: Range, rows: () => readonly Range[]): readonly number[] {
  if (first >= last) return [first]
  const starts = rows().flatMap((row) => (row.first > first && row.first < last ? row.first : []))
  return [...new Set([first, last, ...starts])].slice(0, maxRangeSamples)
}
