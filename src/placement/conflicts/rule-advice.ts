import type { Rule } from '../../iptables/rule.ts'
import type { Ruleset } from '../../iptables/ruleset.ts'
import { isOfOldFlannel, ownerOf, wordsFor } from '../rule-owner.ts'
import type { NameOfRule } from './conflict-text.ts'

/** What to do about a rule that accepts outsiders. What a program wrote, it writes again, and pods may need it. */
export function adviceOn(
  rule: Rule,
  ruleset: Ruleset,
  podCidrs: readonly string[],
  nameOf: NameOfRule,
): string {
  const owner = ownerOf(rule) ?? (isOfOldFlannel(rule, ruleset, podCidrs) ? 'flannel' : undefined)
  if (owner === undefined)
    return `If ${nameOf(rule)} is your own, delete it, or make it accept fewer packets.`
  const example = settings.get(owner)
  const [first, it] = wordsFor(owner)
  return `${first} wrote ${nameOf(rule)}. Look at the settings of ${it}${example ? `, for example ${example}` : ''}. Do not change the rule itself: ${it} would write it again.`
}

/** The settings of programs that change which packets their rules in FORWARD accept. */
const settings: ReadonlyMap<string, string> = new Map([
  ['Calico', 'iptablesFilterAllowAction and chainInsertMode in FelixConfiguration'],
  ['flannel', '--iptables-forward-rules of flanneld'],
  ['kube-proxy', 'clusterCIDR in its configuration'],
])
