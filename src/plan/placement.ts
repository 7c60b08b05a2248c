import ipaddr from 'ipaddr.js'
import { acceptedDestination } from '../facts/pod-networks.ts'
import { type Match, matchOption, type Rule } from '../iptables/rule.ts'
import { type Ruleset, rulesOf } from '../iptables/ruleset.ts'
import { isGuard } from './guard.ts'

/**
 * Where our rule goes. Goals, and how each is met:
 *  1. Before anything that lets an outsider reach a pod: before the first rule of FORWARD that accepts the pod network
 *     as destination, or any packet by Calico's mark, directly or in a chain it jumps to.
 *  2. After what legitimate traffic needs: behind the chains of Calico and kube-proxy, which accept answers, and behind
 *     rules that accept packets from the pod network.
 *  3. Never a guess: where no such rule stands, there is no place, and the reason says so.
 * The chain is read without our own rules, so the answer does not depend on whether they are there already.
 */
export type Placement =
  | { readonly kind: 'placed'; readonly position: number; readonly before: Rule | undefined }
  | { readonly kind: 'refused'; readonly reason: string; readonly remedy: string }

/** Finds the number in FORWARD at which our first rule shall stand, or says why there is none. */
export function place(
  ruleset: Ruleset,
  foreign: readonly Rule[],
  podCidrs: readonly string[],
  wanted: 'auto' | number,
): Placement {
  const open = foreign.findIndex((rule) => letsIn(rule, ruleset, podCidrs))
  if (wanted === 'auto') {
    return open < 0 ? noPlace : { kind: 'placed', position: open + 1, before: foreign[open] }
  }
  if (wanted > foreign.length + 1) {
    return refuse(
      `fw_position is ${wanted}, but FORWARD has only ${foreign.length} rules of others`,
      'Set fw_position to auto, or to a number within the chain.',
    )
  }
  if (open >= 0 && wanted > open + 1) {
    return refuse(
      `fw_position is ${wanted}, but rule ${open + 1} before it lets outsiders in: ${foreign[open]?.raw}`,
      `Set fw_position to auto, or to ${open + 1} or less.`,
    )
  }
  const until = open < 0 ? foreign : foreign.slice(0, open)
  const needed = until.findLastIndex((rule) => isNeeded(rule, podCidrs))
  if (wanted <= needed + 1) {
    return refuse(
      `fw_position is ${wanted}, but answers and pods need rule ${needed + 1} behind it: ${foreign[needed]?.raw}`,
      `Set fw_position to auto, or to ${needed + 2} or more.`,
    )
  }
  return { kind: 'placed', position: wanted, before: foreign[wanted - 1] }
}

/** A ruleset as if no rule of ours stood in FORWARD. */
export function withoutGuards(ruleset: Ruleset, set: string): Ruleset {
  const filter = ruleset.tables.get('filter')
  const forward = filter?.get('FORWARD')
  if (!filter || !forward) return ruleset
  const rules = forward.rules.filter((rule) => !isGuard(rule, set))
  const chains = new Map([...filter, ['FORWARD', { ...forward, rules }]])
  return { ...ruleset, tables: new Map([...ruleset.tables, ['filter', chains]]) }
}

function refuse(reason: string, remedy: string): Placement {
  return { kind: 'refused', reason, remedy }
}

const noPlace: Placement = {
  kind: 'refused',
  reason:
    'no rule of FORWARD accepts the pod network as destination, or a packet by the mark of Calico, so there is nothing to stand before',
  remedy:
    'Check fw_pod_cidrs; or look at `iptables -S FORWARD` and insist on a place with fw_position.',
}

function letsIn(rule: Rule, ruleset: Ruleset, podCidrs: readonly string[]): boolean {
  if (acceptsPods(rule, podCidrs)) return true
  const chain = rule.target?.name ?? ''
  return rulesOf(ruleset, 'filter', chain).some((inner) => acceptsPods(inner, podCidrs))
}

function acceptsPods(rule: Rule, podCidrs: readonly string[]): boolean {
  if (rule.target?.name !== 'ACCEPT') return false
  if (conditions(rule).length === 0) return true
  if (acceptedDestination(rule).some((cidr) => podCidrs.some((pods) => overlap(cidr, pods)))) {
    return true
  }
  return acceptsCalicoMark(rule)
}

function isNeeded(rule: Rule, podCidrs: readonly string[]): boolean {
  const name = rule.target?.name ?? ''
  if (name === 'cali-FORWARD' || name === 'KUBE-FORWARD') return true
  const [match, ...others] = conditions(rule)
  if (name !== 'ACCEPT' || match?.kind !== 'source' || match.negated || others.length > 0)
    return false
  return podCidrs.some((pods) => overlap(match.cidr, pods))
}

function conditions(rule: Rule): readonly Match[] {
  return rule.matches.filter((match) => match.kind !== 'module' || match.module !== 'comment')
}

/** Felix's appended ACCEPT: by mark alone, and signed with its `cali:` comment (felix/rules/static.go). */
function acceptsCalicoMark(rule: Rule): boolean {
  const signed = rule.matches.some(
    (match) =>
      match.kind === 'module' &&
      match.module === 'comment' &&
      match.options.some(({ values }) => values[0]?.startsWith('cali:')),
  )
  return signed && matchOption(rule, 'mark', 'mark')?.negated === false
}

/** Whether two networks share addresses; a mask that is no prefix length might, so it counts as if. */
function overlap(a: string, b: string): boolean {
  const [first, second] = [networkOf(a), networkOf(b)]
  if (!first || !second) return true
  return first[0].match(second[0], Math.min(first[1], second[1]))
}

function networkOf(cidr: string): [ipaddr.IPv4, number] | undefined {
  const whole = cidr.includes('/') ? cidr : `${cidr}/32`
  return ipaddr.IPv4.isValidCIDR(whole) ? ipaddr.IPv4.parseCIDR(whole) : undefined
}
