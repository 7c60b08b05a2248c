import type { Rule } from '../../iptables/rule.ts'
import type { Chain, Ruleset } from '../../iptables/ruleset.ts'

/**
 * Makes a function that names the kind of a device: a text that is equal for devices which rules treat alike. Every pod
 * of Calico has chains of its own, but most of these have the same rules. `rules` are those that a packet may come to,
 * by table and chain.
 */
export function deviceKinds(
  { tables }: Ruleset,
  chainsOf: ReadonlyMap<string, readonly (readonly Rule[])[]>,
): (device: string) => string {
  const exact = new Map<string, string[]>()
  const prefixes: (readonly [prefix: string, shape: string])[] = []
  for (const [table, some] of chainsOf) {
    for (const { rule, names, number } of some.flatMap((rules) => namingDevices(table, rules))) {
      for (const name of names) {
        const block = `${table} ${rule.chain} ${number}`
        if (name.endsWith('+')) prefixes.push([name.slice(0, -1), `${block} ${rule.raw}`])
        else {
          const shapes = exact.get(name) ?? []
          shapes.push(`${block} ${shapeOf(rule, name, tables.get(table) ?? new Map())}`)
          exact.set(name, shapes)
        }
      }
    }
  }
  return (device) =>
    [
      ...(exact.get(device) ?? []),
      ...prefixes.flatMap(([prefix, shape]) => (device.startsWith(prefix) ? [shape] : [])),
      ...(device.endsWith('+') ? [device] : []),
    ].join('\n')
}

/** A rule that names devices, and the number of its block in its chain. */
interface Naming {
  readonly rule: Rule
  readonly names: readonly string[]
  readonly number: number
}

/** The rules of a chain that name devices. Most rules of nat do not. */
function namingDevices(table: string, rules: readonly Rule[]): readonly Naming[] {
  const last = known.get(rules)
  if (last) return last
  const blocks = blocksOf(table, rules)
  const found = rules.flatMap((rule, index): readonly Naming[] => {
    const names = [...new Set(devicesIn(rule))]
    return names.length === 0 ? [] : [{ rule, names, number: blocks[index] ?? 0 }]
  })
  known.set(rules, found)
  return found
}

const known = new WeakMap<readonly Rule[], readonly Naming[]>()

function devicesIn({ matches }: Rule): readonly string[] {
  return matches.flatMap((match) =>
    match.kind === 'in' || match.kind === 'out' ? [match.interface] : [],
  )
}

/** A rule without the name of its device, followed by the rules of the chains named after that device. */
function shapeOf(rule: Rule, device: string, chains: ReadonlyMap<string, Chain>): string {
  const texts: string[] = []
  const seen = new Set<string>()
  const add = ({ words, target }: Rule): void => {
    const own = chains.get(target?.name.includes(device) ? target.name : '')
    texts.push(withoutNames(words, device, own?.name))
    if (!own || seen.has(own.name)) return
    seen.add(own.name)
    texts.push('{')
    for (const inner of own.rules) add(inner)
    texts.push('}')
  }
  add(rule)
  return texts.join('; ')
}

/** The words of a rule without comments, the name of its device, and the chain named after the device. */
function withoutNames(words: readonly string[], device: string, own: string | undefined): string {
  return words
    .filter((_, i) => words[i - 1] !== '--comment')
    .map((word) => {
      if (word === device) return '#'
      return word === own ? word.replaceAll(device, '#') : word
    })
    .join(' ')
}

/**
 * Numbers the rules of a chain by block. A block is several rules in a row of one chain. Each names one device exactly,
 * on the same side, as in the dispatch chains of Calico. The order of rules in a block does not matter to a packet, so
 * it does not tell devices apart. In FORWARD each rule is a block, because our rule may come to stand between any two.
 */
function blocksOf(table: string, rules: readonly Rule[]): readonly number[] {
  let block = 0
  let last: string | undefined
  return rules.map((rule) => {
    const side = sideOf(rule)
    const inBlock = side && !(table === 'filter' && rule.chain === 'FORWARD')
    const kind = inBlock ? `${side} ${rule.chain}` : undefined
    if (kind === undefined || kind !== last) block++
    last = kind
    return block
  })
}

/** The side on which a rule names one device exactly; undefined if it names none, a prefix or several. */
function sideOf({ matches }: Rule): string | undefined {
  const [only, ...others] = matches.filter(({ kind }) => kind === 'in' || kind === 'out')
  if (others.length > 0 || (only?.kind !== 'in' && only?.kind !== 'out')) return undefined
  return only.negated || only.interface.endsWith('+') ? undefined : only.kind
}
