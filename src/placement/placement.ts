import type { HostState } from '../facts/state.ts'
import { findGuards, guardRule } from '../guard/forward-rule.ts'
import type { ForwardIntent } from '../guard/intent.ts'
import { rulesOf } from '../iptables/ruleset.ts'
import { atOnce, type InPieces } from '../waiting/pieces.ts'
import {
  describeConflict,
  type NameOfRule,
  namesOfRules,
  withoutNumber,
} from './conflicts/conflict-text.ts'
import type { Conflict, Conflicts } from './conflicts/conflicts.ts'
import { type FutureConflicts, futureConflicts } from './conflicts/future-conflicts.ts'
import {
  beyondChain,
  noneGood,
  noPodNetwork,
  notGood,
  otherPosition,
  type Refusal,
  rulesLeftOut,
  unproven,
} from './conflicts/no-good-position.ts'
import { type Traffic, trafficInPieces } from './conflicts/traffic.ts'
import { flowsOf } from './flows/flows.ts'
import { hostModelInPieces } from './host/host-model.ts'
import { unlessKnown } from './known-placements.ts'
import { mayMeetLeftOut } from './left-out-rules.ts'
import { lastReached, type Path } from './reached-position.ts'
import { withoutStops } from './without-stops.ts'

/*
 * Where our rule goes in FORWARD. The goals, and how each is met:
 *  1. It stops every outsider. At its position, no earlier rule may have accepted an outsider's packet to a pod.
 *  2. It breaks nothing. At its position, legitimate packets have surely been accepted, or surely do not match our rule.
 *  3. It never guesses. Sample packets, called flows, are walked past every position (conflicts/conflicts.ts). There is one
 *     flow of each kind of outsider, pod and port that the rules tell apart (flows/, kinds/). A doubt counts like a conflict.
 *  4. It lasts. The position must also be good after Felix, kube-router and docker have put their rules back
 *     (conflicts/futures.ts).
 *  5. `auto` takes the last good position: just before the first rule that may accept an outsider. One that a packet of an
 *     outsider reaches is preferred (reached-position.ts). Where others stop all of these packets, it takes the one that they would
 *     reach without that: what others stop, they may let in tomorrow.
 *  6. It does not depend on itself. The chain is read as if our rules were not there.
 *  7. It names a rule as the host does. The numbers of rules in its texts count our rules, as `iptables -S` does.
 */

/** Where our first rule goes, or why it can go nowhere. */
export type Placement =
  | {
      readonly kind: 'placed'
      /** Its number in FORWARD, from 1, as in `iptables -I FORWARD 4`. */
      readonly position: number
      /** Every good position, ascending. */
      readonly good: readonly number[]
      /** The good positions where a rule of ours may stay: if packets of outsiders reach any of them, only those. */
      readonly mayStay: readonly number[]
      /** The other rules of FORWARD, as printed. Position n is before the n-th. */
      readonly chain: readonly string[]
      readonly traffic: readonly Traffic[]
      /** What was not checked, and what will be lost later. They stop nothing. */
      readonly notes: readonly string[]
    }
  | Refusal

/** Does the work of `findPosition` in pieces. It then takes what was found: where a host has many rules, that takes seconds. */
export function* preparePosition(state: HostState, intent: ForwardIntent): InPieces<void> {
  yield* foundOn(state, intent)
}

/** Finds the position of our first rule in FORWARD; further rules of ours follow right behind it. Pure. */
export function findPosition(state: HostState, intent: ForwardIntent): Placement {
  const found = atOnce(foundOn(state, intent))
  return typeof found === 'function' ? found(state) : found
}

/**
 * The placement on a host that may have got, moved or lost rules of ours since it was found. The position stays the same, but
 * the numbers of other rules do not, so a refusal that names rules is put into words anew.
 */
type Found = Placement | ((now: HostState) => Refusal)

const foundOn = unlessKnown<Found>(placementOf)

/** What to add where rules and positions are both named by number; so many rules of ours stand. */
function countedWithout(ours: number): string {
  return `Rule numbers in this text are as \`iptables -nL --line-numbers\` shows them. Positions (fw_position) are different: they are counted as if the ${ours === 1 ? 'rule' : 'rules'} of fw-run were not in FORWARD`
}

/** Finds the position. A placement holds nothing of the host but what it says. */
function* placementOf(state: HostState, intent: ForwardIntent): InPieces<Found> {
  if (mayMeetLeftOut(state, intent)) return rulesLeftOut
  const model = yield* hostModelInPieces(state, intent)
  const { ruleset } = model
  if (model.podNetworks.length === 0) return noPodNetwork
  const { flows, notes, gaps } = yield* flowsOf(model)
  const wanted = intent.position
  if (gaps.length > 0 && wanted === 'auto') return unproven(gaps)
  const ours = intent.interfaces.map((name) => guardRule(intent, name))
  const future = yield* futureConflicts(model, flows, ours)
  const chain = rulesOf(ruleset, 'filter', 'FORWARD').map(({ raw }) => raw)
  const placed = function* (
    position: number,
    good: readonly number[],
    mayStay: readonly number[] = good,
  ): InPieces<Placement> {
    const unchecked = gaps.map(
      (gap) =>
        `${gap}. Test the position after apply, from a machine that is not in the set. A connection to a pod must fail. The published ports that you need must answer`,
    )
    return {
      ...{ kind: 'placed', position, good, mayStay, chain },
      notes: [...unchecked, ...notes, ...notesOn(position, future)],
      traffic: yield* trafficInPieces(ruleset, flows, ours, position),
    }
  }
  const refused = (words: (nameOf: NameOfRule) => Refusal) => (now: HostState) => {
    const ours = findGuards(now.ruleset, intent.set).length
    const nameOf = namesOfRules(ruleset, now.ruleset, intent.set)
    const hint = ours > 0 ? `. ${countedWithout(ours)}` : ''
    const refusal = words(nameOf)
    return { ...refusal, reason: `${refusal.reason}${hint}` }
  }
  const conflicts = withoutInvented(future.untilRestart)
  const good = goodPositions(conflicts)
  // What comes with a restart is named only if without it a position would be good.
  const none = (nameOf: NameOfRule): Refusal => {
    const soon = withoutInvented(future.untilRefresh)
    const named = goodPositions(soon).length > 0 ? conflicts : soon
    return noneGood(named, model, nameOf)
  }
  if (wanted === 'auto') {
    const best = goodPositions(future.untilRestart)
    const candidates = best.length > 0 ? best : good
    const lasting = candidates.filter(future.survivesRefresh)
    // Where others stop all outsiders before any candidate, what counts is where these would come without that.
    const asNow = { ruleset, flows }
    const path =
      lastReached(asNow, candidates) === undefined ? yield* withoutOthers(state, intent) : asNow
    const reached = lastReached(path, candidates)
    const last = lastReached(path, lasting) ?? reached ?? lasting[0] ?? candidates[0]
    if (last === undefined) return refused(none)
    // A packet that comes to one position has come to all before it.
    const mayStay = candidates.filter((position) => position <= (reached ?? Infinity))
    return yield* placed(last, candidates, mayStay)
  }
  const mayBeAuto = gaps.length === 0
  const conflict = conflicts[wanted - 1]?.[0]
  if (wanted <= chain.length + 1 && !conflict) return yield* placed(wanted, good)
  return refused((nameOf) => {
    const other = otherPosition(good, mayBeAuto, () => none(nameOf))
    return conflict
      ? notGood(wanted, describeConflict(conflict, nameOf), other)
      : beyondChain(wanted, chain.length, other)
  })
}

/** The rules and the flows as they would be if nobody else stopped packets: a policy for pods may go, and an old rule. */
function* withoutOthers(state: HostState, intent: ForwardIntent): InPieces<Path> {
  const passing = { ...state, ruleset: withoutStops(state.ruleset) }
  const model = yield* hostModelInPieces(passing, intent)
  const { flows } = yield* flowsOf(model)
  return { ruleset: model.ruleset, flows }
}

/** The conflicts of flows whose pods exist. */
function withoutInvented(conflicts: Conflicts): Conflicts {
  return conflicts.map((list) => list.filter(({ flow }) => !flow.invented))
}

function withoutTime({ when: _, ...conflict }: Conflict): Conflict {
  return conflict
}

function goodPositions(conflicts: Conflicts): readonly number[] {
  return conflicts.flatMap((list, index) => (list.length === 0 ? [index + 1] : []))
}

/**
 * What an administrator should know about a position although it is good. `apply` shows it after its change too, and that
 * change moves other rules, so rules have no numbers here.
 */
function notesOn(position: number, future: FutureConflicts): readonly string[] {
  const invented = future.untilRestart[position - 1]?.[0]
  const later = withoutInvented(future.rare)[position - 1]?.[0]
  return [
    ...(invented
      ? [
          `no pod runs on this host yet, so fw-run tried an invented pod address. With that address, ${describeConflict(invented, withoutNumber)}. A real pod can differ. Start a pod on this host, then run \`fw-run status\``,
        ]
      : []),
    ...(later
      ? [
          `position ${position} is good until flannel restarts. After that, ${describeConflict(withoutTime(later), withoutNumber)}. After each restart of flannel, run \`fw-run apply\` again`,
        ]
      : []),
  ]
}
