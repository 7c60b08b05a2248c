import type { Rule } from '../../iptables/rule.ts'

/**
 * Numbers the rules of a table by the runs that they stand in. A run is rules of one chain that follow each other and
 * each name one device exactly, on the same side, as Calico's dispatch chains do: a packet comes out of one of them the
 * same in whatever order the devices stand. FORWARD has none, because our rule may come to stand between any two.
 */
export function runsOf(table: string, rules: readonly Rule[]): readonly number[] {
  let run = 0
  let last: string | undefined
  return rules.map((rule) => {
    const side = sideOf(rule)
    const here = side && !(table === 'filter' && rule.chain === 'FORWARD')
    const kind = here ? `${side} ${rule.chain}` : undefined
    if (kind === undefined || kind !== last) run++
    last = kind
    return run
  })
}

/** The side on which a rule names one device exactly, if it names no other. */
function sideOf({ matches }: Rule): string | undefined {
  const [only, ...others] = matches.filter(({ kind }) => kind === 'in' || kind === 'out')
  if (others.length > 0 || (only?.kind !== 'in' && only?.kind !== 'out')) return undefined
  return only.negated || only.interface.endsWith('+') ? undefined : only.kind
}
