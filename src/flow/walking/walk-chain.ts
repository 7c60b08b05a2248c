import type { Rule } from '../../iptables/rule.ts'
import type { Chain, Ruleset } from '../../iptables/ruleset.ts'
import { maxJumps, maxMatchedInFull, maxWalkSteps } from '../../limits.ts'
import { type Effect, effectOf, unknownEffect } from '../effect.ts'
import type { MatchedRule } from '../matched-rule.ts'
import { matches } from '../matching.ts'
import type { Packet } from '../packet.ts'
import { type PossibleVerdict, type Verdict, verdictOfPolicy } from '../verdict.ts'
import { keyOf, type WalkBefore, walkAgain } from './known-walks.ts'
import { eitherState, type PacketState } from './packet-state.ts'
import { candidateRules } from './rule-index.ts'

/** All verdicts that a packet may get in a chain, and all rules that matched it, in the order of the rules. */
export interface ChainWalk {
  readonly verdicts: readonly PossibleVerdict[]
  readonly matched: readonly MatchedRule[]
  /** False if the walk took too many steps. Then rules behind were not asked, and one of the verdicts is unknown. */
  readonly complete: boolean
}

/** Gets how many rules are before a position, the state there (undefined if the packet cannot be there), the verdicts so far. */
export type Observer = (
  rules: number,
  state: PacketState | undefined,
  verdicts: readonly PossibleVerdict[],
) => void

/** Follows a packet through a chain. Calls `observe` at the beginning, and behind each rule that changed something. */
export function walkChain(
  ruleset: Ruleset,
  table: string,
  name: string,
  start: PacketState,
  observe: Observer = () => {},
): ChainWalk {
  const chains = ruleset.tables.get(table) ?? new Map<string, Chain>()
  const chain = chains.get(name)
  const policy = verdictOfPolicy(chain ? chain.policy : 'ACCEPT')
  const { steps } = start.world
  const allowed = Math.min(maxWalkSteps, steps?.left ?? maxWalkSteps)
  const walk: Walk = { chains, verdicts: [], matched: [], complete: true, left: allowed }
  observe(0, start, walk.verdicts)
  const { end } = walkRules(walk, chain ?? { name, rules: [] }, [], start, {
    // A built-in chain returns to nobody: its policy decides.
    returned: ({ packet }, by) => give(walk, policy, [by], packet),
    passed: (rules, state) => observe(rules, state, walk.verdicts),
  })
  if (end) give(walk, policy, [], end.packet)
  if (steps) steps.left -= allowed - walk.left
  return walk
}

/** A walk, and what it has found so far. */
interface Walk {
  readonly chains: ReadonlyMap<string, Chain>
  readonly verdicts: PossibleVerdict[]
  readonly matched: MatchedRule[]
  /** The walks through called chains, by chain and state. They are kept only in a large walk. */
  before?: Map<string, WalkBefore>
  complete: boolean
  /** How many steps are left. */
  left: number
}

function give(walk: Walk, verdict: Verdict, path: readonly MatchedRule[], packet: Packet): void {
  walk.verdicts.push({ verdict, path, packet, matched: walk.matched.length })
}

/** What happens on the way through the first chain. */
interface FirstChain {
  /** The packet may leave the chain by a rule. */
  returned(state: PacketState, by: MatchedRule): void
  /** A rule changed something; `rules` are before the position after it. */
  passed(rules: number, state: PacketState | undefined): void
}

/** The state at the end of a chain, and the state after a rule returned from it; undefined if the packet cannot be there. */
interface Ends {
  readonly end: PacketState | undefined
  readonly back: PacketState | undefined
}

/** Follows a packet past the rules of a chain. `path` is the jumps that led into it. */
function walkRules(
  walk: Walk,
  { name, rules }: Pick<Chain, 'name' | 'rules'>,
  path: readonly MatchedRule[],
  start: PacketState,
  first?: FirstChain,
): Ends {
  let here: PacketState | undefined = start
  let back: PacketState | undefined
  const candidates = candidateRules(rules, start.packet)
  // Listing a candidate costs far less than asking it.
  walk.left -= candidates.length >> 4
  for (const index of candidates) {
    const rule = rules[index]
    if (!here || !rule) break
    walk.left -= 1 + rule.matches.length + (rule.words.length >> 5)
    if (walk.left < 0) {
      here = stop(walk, [...path, { chain: name, number: index + 1, rule, match: 'maybe' }], here)
      first?.passed(index + 1, here)
      break
    }
    const match = matches(rule, here.packet, here.world)
    if (match === 'no') continue
    const by = { chain: name, number: index + 1, rule, match }
    walk.matched.push(by)
    walk.left -= stepsOfMatch + path.length
    const count = walk.verdicts.length
    const { next, returned }: Passage = obey(walk, [...path, by], rule, here)
    if (returned && first) first.returned(returned, by)
    else if (returned) back = eitherState(back, returned)
    const behind: PacketState | undefined = match === 'yes' ? next : eitherState(here, next)
    if (behind && behind.world !== here.world) walk.left -= here.world.sets.size >> 4
    const changed = behind !== here || walk.verdicts.length > count
    here = behind
    if (changed) first?.passed(index + 1, here)
  }
  return { end: here, back }
}

/** The cost of obeying a rule that matches, in steps. */
const stepsOfMatch = 10

/** Stops a walk that took too many steps. Behind it, any verdict, any mark and any content of a set is possible. */
function stop(walk: Walk, path: readonly MatchedRule[], here: PacketState): PacketState {
  const { verdict, packet } = unknownEffect(tooManySteps, here.packet)
  if (walk.complete) give(walk, verdict, path, packet)
  walk.complete = false
  return { packet, world: { ...here.world, sets: new Map() } }
}

const tooManySteps = 'there are too many rules to follow'

/** Where a packet may be after a rule that it matches: at the next rule, back at the caller, both, or neither. */
interface Passage {
  readonly next?: PacketState | undefined
  readonly returned?: PacketState | undefined
}

function obey(walk: Walk, path: readonly MatchedRule[], rule: Rule, here: PacketState): Passage {
  const { target } = rule
  const chain = target && walk.chains.get(target.name)
  if (!chain) return apply(walk, path, effectOf(rule, here.packet, here.world), here)
  for (const jump of path) {
    if (jump.chain === chain.name) return lost(walk, path, `${chain.name} jumps into itself`, here)
  }
  if (path.length > maxJumps) return lost(walk, path, `more than ${maxJumps} jumps lead here`, here)
  const end = walkCalled(walk, path, chain, here)
  return target.kind === 'jump' ? { next: end } : { returned: end }
}

function lost(
  walk: Walk,
  path: readonly MatchedRule[],
  reason: string,
  here: PacketState,
): Passage {
  return apply(walk, path, unknownEffect(reason, here.packet), here)
}

function apply(
  walk: Walk,
  path: readonly MatchedRule[],
  effect: Effect,
  here: PacketState,
): Passage {
  switch (effect.kind) {
    case 'continue': {
      const same = effect.packet === here.packet && effect.world === here.world
      return { next: same ? here : effect }
    }
    case 'return':
      return { returned: here }
    case 'end':
      give(walk, effect.verdict, path, here.packet)
      return {}
    case 'unknown':
      give(walk, effect.verdict, path, effect.packet)
      return { next: { ...here, packet: effect.packet } }
  }
}

/** The state of a packet when it comes back from a called chain; undefined if it cannot come back. */
function walkCalled(
  walk: Walk,
  path: readonly MatchedRule[],
  chain: Chain,
  start: PacketState,
): PacketState | undefined {
  const large = walk.matched.length > maxMatchedInFull
  if (!large) return behindChain(walkRules(walk, chain, path, start))
  walk.before ??= new Map()
  const key = keyOf(chain.name, start)
  const known = walk.before.get(key)
  if (known) return walkAgain(walk, known)
  const from = walk.verdicts.length
  const behind = behindChain(walkRules(walk, chain, path, start))
  walk.before.set(key, { behind, from, to: walk.verdicts.length })
  return behind
}

function behindChain({ end, back }: Ends): PacketState | undefined {
  return eitherState(back, end)
}
