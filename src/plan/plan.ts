import { asideSet } from '../agent/names.ts'
import type { HostState } from '../facts/state.ts'
import { findGuards, guardRule, type PlacedRule, sameMeaning } from '../guard/guard.ts'
import type { Intent, ProtectIntent, RemoveIntent } from '../guard/intent.ts'
import { familyOf, hasMembers, type IpSet } from '../ipset/sets.ts'
import { findPosition, type Placement } from '../placement/placement.ts'
import type { Change } from './change.ts'
import { otherUsers } from './references.ts'

/**
 * What has to happen on one host. A plan without changes means that the host is as the intent wants it. So to verify a
 * change is to plan again and to expect no changes.
 */
export type Plan =
  | {
      readonly kind: 'planned'
      /** In the order in which they must happen. */
      readonly changes: readonly Change[]
      /** What an administrator should know although it stops nothing. */
      readonly notes: readonly string[]
      /** Where our first rule goes in FORWARD, and what that does to traffic; unset if no rule is wanted. */
      readonly placement?: Omit<Extract<Placement, { kind: 'placed' }>, 'notes' | 'mayStay'>
    }
  | {
      readonly kind: 'refused'
      readonly over: 'set' | 'position' | 'rules'
      readonly reason: string
      readonly remedy: string
    }

/** Plans what has to happen on a host so that it is as the intent wants it. Pure. */
export function planHost(state: HostState, intent: Intent): Plan {
  return intent.kind === 'protect' ? planProtection(state, intent) : planRemoval(state, intent)
}

function planProtection(state: HostState, intent: ProtectIntent): Plan {
  const set = state.sets.get(intent.set)
  const guards = findGuards(state.ruleset, intent.set)
  const misfit = set && setMisfit(set)
  if (set && misfit) {
    const remedy = remedyOfMisfit(set, guards, otherUsers(state, set.name))
    return { kind: 'refused', over: 'set', reason: misfit, remedy }
  }
  const odd = unsendable(guards)
  if (odd) return odd
  const placement = findPosition(state, intent)
  if (placement.kind === 'refused') return { ...placement, over: 'position' }
  const wanted = intent.interfaces.map((name, index) => ({
    position: placement.position + index,
    rule: guardRule(intent, name),
  }))
  const changes: Change[] = []
  if (!set || !hasMembers(set, intent.members)) {
    const after = { type: 'hash:ip family inet', members: intent.members }
    changes.push({ kind: 'set', name: intent.set, before: stateOf(set), after })
  }
  if (!standWell(guards, wanted, placement.mayStay))
    changes.push({ kind: 'rules', before: guards, after: wanted })
  return {
    kind: 'planned',
    changes,
    notes: [...leftovers(state), ...placement.notes],
    placement,
  }
}

function planRemoval(state: HostState, intent: RemoveIntent): Plan {
  const guards = findGuards(state.ruleset, intent.set)
  const odd = unsendable(guards)
  if (odd) return odd
  const changes: Change[] = []
  const notes = [...leftovers(state)]
  if (guards.length > 0) changes.push({ kind: 'rules', before: guards, after: [] })
  const set = state.sets.get(intent.set)
  if (set) {
    const users = otherUsers(state, intent.set)
    if (setMisfit(set)) {
      notes.push(
        `set ${intent.set} is kept: it has the type ${[set.type, ...set.options].join(' ')}, so fw-run did not create it`,
      )
    } else if (users.length > 0) {
      notes.push(
        `set ${intent.set} is kept, because other rules or sets still use it: ${users.join('; ')}`,
      )
    } else {
      changes.push({ kind: 'set', name: intent.set, before: stateOf(set), after: undefined })
    }
  }
  return { kind: 'planned', changes, notes }
}

/**
 * Why a set that has our name cannot be ours; undefined if it can. `ipset swap` and our rule need `hash:ip` with IPv4
 * addresses. With `timeout`, members would vanish and nodes be cut off. With `netmask` or `bitmask`, addresses beside a
 * member would match.
 */
function setMisfit(set: IpSet): string | undefined {
  const odd = ['timeout', 'netmask', 'bitmask'].find((option) => set.options.includes(option))
  if (set.type === 'hash:ip' && familyOf(set) === 'inet' && !odd) return undefined
  const found = odd
    ? `with option ${odd}`
    : `with type ${set.type} ${familyOf(set)}, not hash:ip inet`
  return `set ${set.name} exists already, but ${found}`
}

/** A set that a rule uses cannot be destroyed, so that rule has to go first. */
function remedyOfMisfit(
  { name }: IpSet,
  guards: readonly PlacedRule[],
  users: readonly string[],
): string {
  const other = 'choose another name with fw_set'
  if (users.length > 0) return `Other rules or sets use that set (${users.join('; ')}): ${other}.`
  const destroy = `\`ipset destroy ${name}\` on that host`
  return guards.length > 0
    ? `Our rule uses that set: run \`fw-run remove\` for that host (--limit), then ${destroy}, then \`fw-run apply\`.`
    : `If nobody needs the set, run ${destroy}. Otherwise ${other}.`
}

/**
 * Refuses a rule of ours with a word that no request to the agent can carry, such as an odd comment. U+FFFD stands for
 * bytes that are no UTF-8.
 */
function unsendable(guards: readonly PlacedRule[]): Extract<Plan, { kind: 'refused' }> | undefined {
  const odd = guards.find(({ rule }) =>
    rule.words.some((word) => !/^[^\p{Cc}\ufffd]+$/u.test(word)),
  )
  return (
    odd && {
      kind: 'refused',
      over: 'rules',
      reason: `rule ${odd.position} of FORWARD is ours, but its text has an empty word or an unprintable character`,
      remedy: `Delete it by hand: run \`iptables -D FORWARD ${odd.position}\` on that host.`,
    }
  )
}

/** What earlier runs left on a host beside our set and our rules, and how to clear it away. */
export function leftovers({ sets }: HostState): readonly string[] {
  return sets.has(asideSet)
    ? [
        `set ${asideSet} is left from an earlier run: run \`ipset destroy ${asideSet}\` on that host`,
      ]
    : []
}

function stateOf(set: IpSet | undefined): { type: string; members: readonly string[] } | undefined {
  return set && { type: [set.type, ...set.options].join(' '), members: set.members }
}

/**
 * Whether our rules are there, each once, where they may stay. It need not be the position that we would choose: so we do
 * not move our rules whenever others write to FORWARD.
 */
function standWell(
  guards: readonly PlacedRule[],
  wanted: readonly PlacedRule[],
  mayStay: readonly number[],
): boolean {
  return (
    guards.length === wanted.length &&
    guards.every(({ position }, index) => mayStay.includes(position - index)) &&
    wanted.every(({ rule }) => guards.some((guard) => sameMeaning(guard.rule, rule)))
  )
}
