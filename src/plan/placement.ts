import ipaddr from 'ipaddr.js'
import { acceptedDestination } from '../facts/pod-networks.ts'
import { matchOption, type Rule } from '../iptables/rule.ts'
import { type Ruleset, rulesOf } from '../iptables/ruleset.ts'

/**
 * Where our rule goes. Goals, and how each is met:
 *  1. Before anything that lets an outsider reach a pod: the place is just before the first rule of FORWARD that
 *     accepts the pod network as destination, or any packet by Calico's mark, directly or in a chain it jumps to.
 *  2. After everything that legitimate traffic needs: it is the last such place.
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
  const index = foreign.findIndex((rule) => letsIn(rule, ruleset, podCidrs))
  const last = index < 0 ? undefined : index + 1
  if (wanted === 'auto') {
    return last === undefined ? noPlace : { kind: 'placed', position: last, before: foreign[index] }
  }
  if (wanted > foreign.length + 1) {
    return {
      kind: 'refused',
      reason: `fw_position is ${wanted}, but FORWARD has only ${foreign.length} rules of others`,
      remedy: 'Set fw_position to auto, or to a number within the chain.',
    }
  }
  if (last !== undefined && wanted > last) {
    return {
      kind: 'refused',
      reason: `fw_position is ${wanted}, but rule ${last} before it lets outsiders in: ${foreign[index]?.raw}`,
      remedy: `Set fw_position to auto, or to ${last} or less.`,
    }
  }
  return { kind: 'placed', position: wanted, before: foreign[wanted - 1] }
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
  const conditions = rule.matches.filter(
    (match) => match.kind !== 'module' || match.module !== 'comment',
  )
  if (conditions.length === 0) return true
  if (acceptedDestination(rule).some((cidr) => podCidrs.some((pods) => overlap(cidr, pods))))
    return true
  return acceptsCalicoMark(rule)
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

function overlap(a: string, b: string): boolean {
  const [first, second] = [range(a), range(b)]
  const length = Math.min(first[1], second[1])
  return first[0].match(second[0], length)
}

function range(cidr: string): [ipaddr.IPv4, number] {
  return ipaddr.IPv4.parseCIDR(cidr.includes('/') ? cidr : `${cidr}/32`)
}
