import { asideSet, asideSet6 } from '../agent/names.ts'
import type { HostState } from '../facts/state.ts'
import { findGuards, guardRule } from '../guard/forward-rule.ts'
import type {
  ForwardIntent,
  Intent,
  MangleIntent,
  NftIntent,
  RemoveIntent,
} from '../guard/intent.ts'
import { chainMembers, isOurChain, setOf, setsAskedBy, wantedChain } from '../guard/mangle-chain.ts'
import { countersOf, isOurs, tableText } from '../guard/nft-table.ts'
import { type PlacedRule, sameMeaning } from '../guard/placed-rule.ts'
import { chainOf } from '../guard/standing-chain.ts'
import { type Family, families } from '../ip/dual.ts'
import { hasMembers, type IpSet, sortedMembers, typeOf } from '../ipset/sets.ts'
import { doesSame } from '../nft/printed-table.ts'
import { findPosition, type Placement } from '../placement/placement.ts'
import { planBoot } from './boot-change.ts'
import { chainsAs, withoutChains } from './chain-changes.ts'
import type { Change, SetState } from './change.ts'
import { otherUsers } from './references.ts'
import {
  foreignChain,
  foreignTable,
  type Refusal,
  unsendableRule,
  unsendableState,
} from './refusals.ts'
import { unseenGuard } from './unseen-guard.ts'
import { remedyOfMisfit, setMisfit } from './unusable-set.ts'

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
  | Refusal

/** Plans what has to happen on a host so that it is as the intent wants it. Pure. */
export function planHost(state: HostState, intent: Intent): Plan {
  const plan = planGuard(state, intent)
  if (plan.kind === 'refused') return plan
  const boot = planBoot(state, intent)
  if (boot.kind === 'refused') return boot
  return { ...plan, changes: [...boot.changes, ...plan.changes] }
}

function planGuard(state: HostState, intent: Intent): Plan {
  const odd = unsendableState(state) ?? unseenGuard(state, intent.set)
  if (odd) return odd
  switch (intent.kind) {
    case 'forward':
      return planForward(state, intent)
    case 'nft':
      return planTable(state, intent)
    case 'mangle':
      return planChain(state, intent)
    case 'remove':
      return planRemoval(state, intent)
  }
}

function planForward(state: HostState, intent: ForwardIntent): Plan {
  const set = state.sets.get(intent.set)
  const guards = findGuards(state.ruleset, intent.set)
  const misfit = set && setMisfit(set)
  if (set && misfit) {
    const remedy = remedyOfMisfit(set, usesSet(state, set.name, 4), otherUsers(state, set.name))
    return { kind: 'refused', over: 'set', reason: misfit, remedy }
  }
  const odd = unsendableRule(guards)
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
  const sets = withoutSets(state, intent, [intent.set])
  return {
    kind: 'planned',
    changes: [...changes, ...withoutTable(state), ...withoutChains(state), ...sets.changes],
    notes: [...leftovers(state), ...placement.notes, ...sets.notes],
    placement,
  }
}

/** The table comes first and the older guard goes last, so that the host is guarded at every instant. */
function planTable(state: HostState, intent: NftIntent): Plan {
  const { table } = state
  if (table && !isOurs(table)) return foreignTable
  const removal = planWithoutForward(state, intent)
  if (removal.kind === 'refused') return removal
  const after = tableText(intent, table && countersOf(table))
  const stands = table && doesSame(table, after)
  const change: Change = { kind: 'table', before: table?.text, after }
  return { ...removal, changes: [...(stands ? [] : [change]), ...removal.changes] }
}

/** The sets come first, because the chain asks for them. The set of IPv4 is that of the guard `forward`, which goes last. */
function planChain(state: HostState, intent: MangleIntent): Plan {
  const foreign = families.find((family) => isForeign(state, family))
  if (foreign) return foreignChain(foreign)
  const filled: Change[] = []
  const kept: string[] = []
  for (const family of families) {
    if (!wantedChain(intent, family)) continue
    const name = setOf(intent.set, family)
    const set = state.sets.get(name)
    kept.push(name)
    const misfit = set && setMisfit(set, family)
    if (set && misfit) {
      const remedy = remedyOfMisfit(set, usesSet(state, name, family), otherUsers(state, name))
      return { kind: 'refused', over: 'set', reason: misfit, remedy }
    }
    const members = chainMembers(intent, family)
    if (set && hasMembers(set, members)) continue
    const after = { type: `hash:ip family ${family === 4 ? 'inet' : 'inet6'}`, members }
    filled.push({ kind: 'set', name, before: stateOf(set), after })
  }
  const rules = planWithoutRules(state, intent)
  if (rules.kind === 'refused') return rules
  const chains = chainsAs(state, intent)
  const sets = withoutSets(state, intent, kept)
  return {
    kind: 'planned',
    changes: [
      ...filled,
      ...chains.changes,
      ...rules.changes,
      ...withoutTable(state),
      ...sets.changes,
    ],
    notes: [
      ...(intent.action === 'REJECT' ? [silent] : []),
      ...rules.notes,
      ...chains.notes,
      ...sets.notes,
    ],
  }
}

const silent =
  'mangle cannot reject packets. So the guard drops them, and outsiders get no answer, as with fw_action: DROP'

/** Whether a guard of ours uses a set. */
function usesSet(state: HostState, name: string, family: Family): boolean {
  const chain = chainOf(state, family)
  if (chain && isOurChain(chain) && setsAskedBy(chain).includes(name)) return true
  return family === 4 && findGuards(state.ruleset, name).length > 0
}

function isForeign(state: HostState, family: Family): boolean {
  const chain = chainOf(state, family)
  return chain !== undefined && !isOurChain(chain)
}

function planRemoval(state: HostState, intent: RemoveIntent): Plan {
  const removal = planWithoutForward(state, intent)
  if (removal.kind === 'refused') return removal
  return { ...removal, changes: [...removal.changes, ...withoutTable(state)] }
}

/** Deletes our table, if there is one. A table of another program that has our name stays. */
function withoutTable({ table }: HostState): readonly Change[] {
  return table && isOurs(table) ? [{ kind: 'table', before: table.text, after: undefined }] : []
}

/** Deletes our rules, our chains and our sets. */
function planWithoutForward(state: HostState, intent: Pick<Intent, 'set'>): Plan {
  const rules = planWithoutRules(state, intent)
  if (rules.kind === 'refused') return rules
  const sets = withoutSets(state, intent, [])
  return {
    kind: 'planned',
    changes: [...rules.changes, ...withoutChains(state), ...sets.changes],
    notes: [...rules.notes, ...sets.notes],
  }
}

/** Deletes our rules in FORWARD. */
function planWithoutRules(state: HostState, intent: Pick<Intent, 'set'>): Plan {
  const guards = findGuards(state.ruleset, intent.set)
  const odd = unsendableRule(guards)
  if (odd) return odd
  return {
    kind: 'planned',
    changes: guards.length > 0 ? [{ kind: 'rules', before: guards, after: [] }] : [],
    notes: leftovers(state),
  }
}

/** The sets of a family that a guard of ours may use: those that our chain asks for, and of IPv4 the one of this name. */
function setsOf(state: HostState, { set }: Pick<Intent, 'set'>, family: Family): readonly string[] {
  const chain = chainOf(state, family)
  const asked = chain && isOurChain(chain) ? setsAskedBy(chain) : []
  return [...new Set(family === 4 ? [set, ...asked] : asked)]
}

/** What becomes of sets that no guard of ours uses any more, and what an administrator should know of it. */
interface SetRemoval {
  readonly changes: readonly Change[]
  readonly notes: readonly string[]
}

/** Deletes the sets of our guards but those that stay in use. */
function withoutSets(
  state: HostState,
  intent: Pick<Intent, 'set'>,
  kept: readonly string[],
): SetRemoval {
  const sets = families.flatMap((family) =>
    setsOf(state, intent, family)
      .filter((name) => !kept.includes(name))
      .map((name) => withoutSet(state, name, family)),
  )
  return {
    changes: sets.flatMap(({ changes }) => changes),
    notes: sets.flatMap(({ notes }) => notes),
  }
}

/** Deletes a set of a family, unless it cannot be ours or others use it. */
function withoutSet(state: HostState, name: string, family: Family): SetRemoval {
  const set = state.sets.get(name)
  if (!set) return { changes: [], notes: [] }
  const users = otherUsers(state, name)
  if (setMisfit(set, family)) {
    const kept = `set ${name} is kept: it has the type ${typeOf(set)}, so fw-run did not create it`
    return { changes: [], notes: [kept] }
  }
  if (users.length > 0) {
    const kept = `set ${name} is kept, because other rules or sets still use it: ${users.join('; ')}`
    return { changes: [], notes: [kept] }
  }
  return { changes: [{ kind: 'set', name, before: stateOf(set), after: undefined }], notes: [] }
}

/** What earlier runs left on a host beside our set and our rules, and how to clear it away. */
export function leftovers({ sets }: HostState): readonly string[] {
  return [asideSet, asideSet6].flatMap((name) =>
    sets.has(name)
      ? [`set ${name} of an earlier run is still there: run \`ipset destroy ${name}\` on that host`]
      : [],
  )
}

/** A set as journals and saved plans hold it: equal on all hosts that have it alike, or they would share no plan. */
function stateOf(set: IpSet | undefined): SetState | undefined {
  return set && { type: typeOf(set), members: sortedMembers(set.members) }
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
