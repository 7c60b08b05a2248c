import type { HostState } from '../facts/state.ts'
import { findGuards, guardRule, type PlacedRule, sameMeaning } from '../guard/guard.ts'
import type { Intent, ProtectIntent, RemoveIntent } from '../guard/intent.ts'
import { familyOf, hasMembers, type IpSet } from '../ipset/sets.ts'
import { findPosition, type Placement } from '../placement/placement.ts'
import type { Change } from './change.ts'
import { otherUsers } from './references.ts'

/**
 * What has to happen on one host, in order. No changes means that the host is as the intent says: so verifying is
 * planning again and expecting nothing. `notes` are findings that stop nothing.
 */
export type Plan =
  | {
      readonly kind: 'planned'
      readonly changes: readonly Change[]
      readonly notes: readonly string[]
      /** Where our first rule may stand in FORWARD, and what that does to traffic; unset where none is wanted. */
      readonly placement?: Omit<Extract<Placement, { kind: 'placed' }>, 'notes'>
    }
  | {
      readonly kind: 'refused'
      readonly over: 'set' | 'position' | 'rules'
      readonly reason: string
      readonly remedy: string
    }

/** Compares a host with an intent. Pure: the same facts give the same plan. */
export function planHost(state: HostState, intent: Intent): Plan {
  return intent.kind === 'protect' ? planProtection(state, intent) : planRemoval(state, intent)
}

function planProtection(state: HostState, intent: ProtectIntent): Plan {
  const set = state.sets.get(intent.set)
  const misfit = set && setMisfit(set)
  if (misfit) return misfit
  const guards = findGuards(state.ruleset, intent.set)
  const odd = unspeakable(guards)
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
  if (!stand(guards, wanted, placement.good))
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
  const odd = unspeakable(guards)
  if (odd) return odd
  const changes: Change[] = []
  const notes = [...leftovers(state)]
  if (guards.length > 0) changes.push({ kind: 'rules', before: guards, after: [] })
  const set = state.sets.get(intent.set)
  if (set) {
    const users = otherUsers(state, intent.set)
    if (setMisfit(set)) {
      notes.push(
        `set ${intent.set} is not one of ours (${[set.type, ...set.options].join(' ')}): it stays`,
      )
    } else if (users.length > 0) {
      notes.push(`set ${intent.set} stays, because others use it: ${users.join('; ')}`)
    } else {
      changes.push({ kind: 'set', name: intent.set, before: stateOf(set), after: undefined })
    }
  }
  return { kind: 'planned', changes, notes }
}

/**
 * Why a set of our name cannot be ours, if so: `ipset swap` and the rule need `hash:ip` of IPv4 addresses, members that
 * vanish by themselves (`timeout`) would cut nodes off, and masks (`netmask`, `bitmask`) would let in their neighbours.
 */
function setMisfit(set: IpSet): Extract<Plan, { kind: 'refused' }> | undefined {
  const odd = ['timeout', 'netmask', 'bitmask'].find((option) => set.options.includes(option))
  if (set.type === 'hash:ip' && familyOf(set) === 'inet' && !odd) return undefined
  const found = odd ? `with ${odd}` : `with type ${set.type} ${familyOf(set)}, not hash:ip inet`
  return {
    kind: 'refused',
    over: 'set',
    reason: `a set named ${set.name} exists ${found}`,
    remedy: `Choose another name with fw_set, or, if nothing uses it, \`ipset destroy ${set.name}\` on that host.`,
  }
}

/** A rule of ours with a word that no line to the agent can carry, or that came as U+FFFD: an administrator's odd comment. */
function unspeakable(
  guards: readonly PlacedRule[],
): Extract<Plan, { kind: 'refused' }> | undefined {
  const odd = guards.find(({ rule }) =>
    rule.words.some((word) => !/^[^\p{Cc}\ufffd]+$/u.test(word)),
  )
  return (
    odd && {
      kind: 'refused',
      over: 'rules',
      reason: `rule ${odd.position} of FORWARD is ours, but holds an empty word or an unprintable character`,
      remedy: `Delete it by hand: \`iptables -D FORWARD ${odd.position}\` on that host.`,
    }
  )
}

/** The name under which the agent keeps a set aside (agent.sh); at rest there is none. */
const aside = 'fw-run-aside'

function leftovers({ sets }: HostState): readonly string[] {
  return sets.has(aside) ? [`set ${aside} was left over: \`ipset destroy ${aside}\` there`] : []
}

function stateOf(set: IpSet | undefined): { type: string; members: readonly string[] } | undefined {
  return set && { type: [set.type, ...set.options].join(' '), members: set.members }
}

/**
 * Whether our rules stand, each once, and at a place that is good, which need not be the one that we would choose: they
 * are judged by effect, so that others who write to FORWARD do not make us move them.
 */
function stand(
  guards: readonly PlacedRule[],
  wanted: readonly PlacedRule[],
  good: readonly number[],
): boolean {
  return (
    guards.length === wanted.length &&
    guards.every(({ position }, index) => good.includes(position - index)) &&
    wanted.every(({ rule }) => guards.some((guard) => sameMeaning(guard.rule, rule)))
  )
}
