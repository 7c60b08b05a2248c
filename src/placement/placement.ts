import type { HostState } from '../facts/state.ts'
import { guardRule } from '../guard/guard.ts'
import type { ProtectIntent } from '../guard/intent.ts'
import { rulesOf } from '../iptables/ruleset.ts'
import type { Conflict, Conflicts } from './conflicts/conflicts.ts'
import { prospectsOf } from './conflicts/future-conflicts.ts'
import { cutOff } from './conflicts/lost-outbound-access.ts'
import { type Traffic, trafficOf } from './conflicts/traffic.ts'
import { flowsOf } from './flows/flows.ts'
import { hostModelOf } from './host/host-model.ts'

/**
 * Where our rule goes. Goals, and how each is met:
 *  1. It stops whoever is not in the set: at its place no outsider's packet may have been let through before.
 *  2. It breaks nothing: at its place every legitimate packet has surely been accepted before, or surely does not match.
 *  3. Never a guess: every place is tried, every flow is walked to it, and a doubt speaks against it like a certainty.
 *     The flows are samples: of outsiders, pods and ports, one of each kind that the rules tell apart (kinds.ts).
 *  4. It lasts: a place must be good as well when Felix, kube-router and docker have put their rules back (futures.ts).
 *  5. `auto` takes the last good place: just before the first rule that may let an outsider in.
 * The chain is read without our own rules, so the answer does not depend on whether they are there already.
 */
export type Placement =
  | {
      readonly kind: 'placed'
      readonly position: number
      /** Every good place, ascending. */
      readonly good: readonly number[]
      /** The rules of others in FORWARD, as printed: place n is before the n-th. */
      readonly chain: readonly string[]
      readonly traffic: readonly Traffic[]
      /** What was too much to be walked, what is spoilt for pods that may come, what does not last, who else is cut off. */
      readonly notes: readonly string[]
    }
  | { readonly kind: 'refused'; readonly reason: string; readonly remedy: string }

/** Finds the number in FORWARD at which our first rule shall stand, or says why there is none. Pure. */
export function findPosition(state: HostState, intent: ProtectIntent): Placement {
  const model = hostModelOf(state, intent)
  const { ruleset: bare } = model
  if (model.podNetworks.length === 0) return unknownPods
  const { flows, notes, doubts: unknown } = flowsOf(model)
  if (unknown.length > 0 && intent.position === 'auto') return tooMany(unknown)
  const ours = intent.interfaces.map((name) => guardRule(intent, name))
  const prospects = prospectsOf(model, flows, ours)
  const { soon, ever, lasts } = prospects
  const real = realOnly(ever)
  const chain = rulesOf(bare, 'filter', 'FORWARD').map(({ raw }) => raw)
  const placed = (position: number, good: readonly number[]): Placement => {
    const spoilt = ever[position - 1]?.[0]
    const later = realOnly(prospects.told)[position - 1]?.[0]
    const away = cutOff(model, position).join(', ')
    const doubts = [
      ...(spoilt
        ? [`no pod is on this host yet, but for one as Calico makes them ${describe(spoilt)}`]
        : []),
      ...(later
        ? [`place ${position} does not last: ${describe(later)}. Run fw-run again then`]
        : []),
      ...(away
        ? [
            `whoever is not in the set gets no longer out by ${away}. If he shall, accept that before place ${position}`,
          ]
        : []),
    ]
    return {
      ...{ kind: 'placed', position, good, chain, notes: [...unknown, ...notes, ...doubts] },
      // Worked out only when asked for: few want to see it.
      get traffic() {
        return trafficOf(bare, flows, ours, position)
      },
    }
  }
  // What speaks for imagined pods counts where it leaves a place, and refuses none.
  const [best, good] = [unspoilt(ever), unspoilt(real)]
  const wanted = intent.position
  if (wanted === 'auto') {
    const better = best.length > 0 ? best : good
    const last = better.findLast(lasts) ?? better.at(-1)
    return last === undefined ? noPlace(realOnly(soon), real) : placed(last, better)
  }
  if (wanted > chain.length + 1) {
    return {
      kind: 'refused',
      reason: `fw_position is ${wanted}, but FORWARD has only ${chain.length} rules of others`,
      remedy: 'Set fw_position to auto, or to a number within the chain.',
    }
  }
  const objection = real[wanted - 1]?.[0]
  if (!objection) return placed(wanted, good)
  const better = good.length > 0 ? `; good are ${range(good)}` : ''
  return {
    kind: 'refused',
    reason: `fw_position ${wanted}: ${describe(objection)}`,
    remedy: `Set fw_position to auto${better}.`,
  }
}

/** Without what speaks for pods that are only imagined. */
function realOnly(against: Conflicts): Conflicts {
  return against.map((list) => list.filter(({ flow }) => !flow.imagined))
}

function unspoilt(against: Conflicts): readonly number[] {
  return against.flatMap((list, index) => (list.length === 0 ? [index + 1] : []))
}

const unknownPods: Placement = {
  kind: 'refused',
  reason: 'no pod network is known, so nothing can be said of any place in FORWARD',
  remedy: "Set fw_pod_cidrs in the inventory, for example ['10.42.0.0/16'].",
}

/** What was not walked at all may be let in before any place. Whoever knows better says where the rule shall stand. */
function tooMany(unknown: readonly string[]): Placement {
  return {
    kind: 'refused',
    reason: `${unknown.join('; ')}: no place can be told to be good`,
    remedy:
      'Put the addresses of such rules in an ipset, and ask for the set in one rule; where ports are too many, set fw_published: block if they may be cut. Or set fw_position, if you know a place.',
  }
}

/**
 * Why there is none: from some place on a rule before ours lets outsiders in, and up to there ours would stop what must
 * pass. Both are told, because either can be mended.
 */
function noPlace(soon: Conflicts, ever: Conflicts): Placement {
  // What will be some day is told only where all else would leave a place.
  const against = unspoilt(soon).length > 0 ? ever : soon
  const leaks = against.map((list) => list.find(({ flow }) => flow.aim === 'stop'))
  const cuts = against.map((list) => list.find(({ flow }) => flow.aim === 'keep'))
  const open = leaks.findIndex((leak) => leak !== undefined)
  const [leak, cut] = [leaks[open], cuts[open < 0 ? cuts.length - 1 : open - 1]]
  const reasons = [
    ...(leak ? [`from ${open + 1} on, ${describe(leak)}`] : []),
    ...(cut ? [`${leak ? `up to ${open}` : 'everywhere'}, ${describe(cut)}`] : []),
  ]
  const remedies = [
    ...(leak?.rule ? ['Narrow the rule that lets them in, or take it out.'] : []),
    ...(cut?.flow.remedy ? [cut.flow.remedy] : []),
  ]
  return {
    kind: 'refused',
    reason: `no place in FORWARD is good: ${reasons.join('; ')}`,
    remedy: remedies.join(' Or: ') || 'Look at `iptables -S FORWARD` there.',
  }
}

function describe({ flow, rule, certain, when }: Conflict): string {
  const after = when ? `, ${when}` : ''
  const perhaps = certain ? '' : ', by a condition that cannot be told from here,'
  if (flow.aim === 'keep') return `the rule would${perhaps} stop: ${flow.title}${after}`
  return rule
    ? `a rule before it lets${perhaps} in: ${flow.title} (${rule.raw})${after}`
    : `the rule would not${perhaps} stop: ${flow.title}${after}`
}

function range(good: readonly number[]): string {
  const [first, last] = [good[0], good.at(-1)]
  return last === undefined || first === last ? `${first}` : `${first} to ${last}`
}
