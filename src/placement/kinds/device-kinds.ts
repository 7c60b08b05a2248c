import type { Rule } from '../../iptables/rule.ts'
import type { Chain, Ruleset } from '../../iptables/ruleset.ts'

/**
 * Tells what rules make of a device, in a word that is the same for devices that they treat alike: every pod of Calico
 * has chains of its own, most of them with the same rules. `rules` are those that a packet may come to, by table.
 */
export function deviceKinds(
  { tables }: Ruleset,
  rules: ReadonlyMap<string, readonly Rule[]>,
): (device: string) => string {
  const exact = new Map<string, string[]>()
  const prefixes: (readonly [prefix: string, shape: string])[] = []
  for (const [table, some] of rules) {
    const runs = runsOf(table, some)
    for (const [index, rule] of some.entries()) {
      for (const name of new Set(devicesIn(rule))) {
        const shape = `${table} ${runs[index]}`
        if (name.endsWith('+')) prefixes.push([name.slice(0, -1), `${shape} ${rule.raw}`])
        else {
          const known = exact.get(name) ?? []
          known.push(`${shape} ${shapeOf(rule, name, tables.get(table) ?? new Map())}`)
          exact.set(name, known)
        }
      }
    }
  }
  return (device) =>
    [
      ...(exact.get(device) ?? []),
      ...prefixes.flatMap(([prefix, raw]) => (device.startsWith(prefix) ? [raw] : [])),
      ...(device.endsWith('+') ? [device] : []),
    ].join('\n')
}

function devicesIn({ matches }: Rule): readonly string[] {
  return matches.flatMap((match) =>
    match.kind === 'in' || match.kind === 'out' ? [match.interface] : [],
  )
}

/** A rule with the name of its device left open, and so the rules of the chains named after the device that it leads to. */
function shapeOf(rule: Rule, device: string, chains: ReadonlyMap<string, Chain>): string {
  const told: string[] = []
  const seen = new Set<string>()
  const tell = ({ words, target }: Rule): void => {
    const own = chains.get(target?.name.includes(device) ? target.name : '')
    told.push(nameless(words, device, own?.name))
    if (!own || seen.has(own.name)) return
    seen.add(own.name)
    told.push('{')
    for (const inner of own.rules) tell(inner)
    told.push('}')
  }
  tell(rule)
  return told.join('; ')
}

/** The words of a rule without its comments, its device and the chain of its own that it leads to. */
function nameless(words: readonly string[], device: string, own: string | undefined): string {
  return words
    .filter((word, i) => word !== '--comment' && words[i - 1] !== '--comment')
    .map((word) => {
      if (word === device) return '#'
      return word === own ? word.replaceAll(device, '#') : word
    })
    .join(' ')
}

/**
 * Numbers the rules of a table by the runs that they stand in. A run is rules of one chain that follow each other and
 * each name one device exactly, on the same side, as Calico's dispatch chains do: a packet comes out of one of them the
 * same in whatever order the devices stand. FORWARD has none, because our rule may come to stand between any two.
 */
function runsOf(table: string, rules: readonly Rule[]): readonly number[] {
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
