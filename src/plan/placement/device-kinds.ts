import type { Rule } from '../../iptables/rule.ts'
import type { Ruleset } from '../../iptables/ruleset.ts'

/**
 * Tells what rules make of a device, in a word that is the same for devices that they treat alike: every pod of Calico
 * has chains of its own, most of them with the same rules.
 */
export function deviceKinds(
  { tables }: Ruleset,
  rules: readonly Rule[],
): (device: string) => string {
  const exact = new Map<string, string[]>()
  const prefixes: (readonly [prefix: string, shape: string])[] = []
  for (const rule of rules) {
    for (const match of rule.matches) {
      if (match.kind !== 'in' && match.kind !== 'out') continue
      const name = match.interface
      if (name.endsWith('+')) prefixes.push([name.slice(0, -1), rule.raw])
      else exact.set(name, [...(exact.get(name) ?? []), shapeOf(rule, name)])
    }
  }
  return (device) =>
    [
      ...(exact.get(device) ?? []),
      ...prefixes.flatMap(([prefix, raw]) => (device.startsWith(prefix) ? [raw] : [])),
      ...(device.endsWith('+') ? [device] : []),
    ].join('\n')

  function shapeOf(rule: Rule, device: string): string {
    const chain = [...tables.values()]
      .map((chains) => chains.get(rule.target?.name ?? ''))
      .find((one) => one !== undefined)
    const own = chain?.name.includes(device) ? chain.rules : []
    return [rule, ...own].map((one) => nameless(one, device)).join('; ')
  }
}

/** A rule without its comments, and without the name of the device it is for. */
function nameless({ chain, words }: Rule, device: string): string {
  const told = words.filter((word, i) => word !== '--comment' && words[i - 1] !== '--comment')
  return [chain, ...told].map((word) => word.replaceAll(device, '#')).join(' ')
}
