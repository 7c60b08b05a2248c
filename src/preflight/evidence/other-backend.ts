import { isNamed } from '../../flow/interface-name.ts'
import type { Rule } from '../../iptables/rule.ts'
import { type Chain, type Ruleset, rulesOf } from '../../iptables/ruleset.ts'
import { forwardingRules } from '../../placement/forwarding-rules.ts'

/**
 * The chains of Kubernetes in all tables that hold rules, but not those that only kubelet looks for. Names are enough: a chain that
 * nothing leads to now is led to again when its owner refreshes its rules, and a chain too many only refuses.
 */
export function clusterChains({ tables }: Ruleset): readonly Chain[] {
  return [...tables.values()]
    .flatMap((chains) => [...chains.values()])
    .filter(
      ({ name, rules }) =>
        rules.length > 0 && /^(cali-|KUBE-|FLANNEL-)/.test(name) && !/-(CANARY|HINT)$/.test(name),
    )
}

/** The first rule that translates packets from some interfaces to another host; undefined if there is none. */
export function translation(ruleset: Ruleset, interfaces: readonly string[]): string | undefined {
  return forwardingRules(ruleset, 'nat').find(
    (rule) =>
      ['DNAT', 'NETMAP'].includes(rule.target?.name ?? '') &&
      comesInBy(rule, interfaces) &&
      !rule.matches.some((match) => match.kind === 'destination' && match.cidr.startsWith('127.')),
  )?.raw
}

/** What in FORWARD may end a packet: its policy, and the first of its rules; undefined if nothing does. */
export function filtering(ruleset: Ruleset): string | undefined {
  const policy = ruleset.tables.get('filter')?.get('FORWARD')?.policy ?? 'ACCEPT'
  const [first] = rulesOf(ruleset, 'filter', 'FORWARD')
  const found = [
    ...(policy === 'ACCEPT' ? [] : [`policy ${policy}`]),
    ...(first ? [first.raw] : []),
  ]
  return found.length > 0 ? found.join(', ') : undefined
}

/** Whether a rule may match packets that come in by one of some interfaces. */
export function comesInBy({ matches }: Rule, interfaces: readonly string[]): boolean {
  return matches.every(
    (match) =>
      match.kind !== 'in' ||
      match.negated ||
      interfaces.some((name) => isNamed(name, match.interface)),
  )
}
