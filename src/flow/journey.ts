import type { Rule } from '../iptables/rule.ts'
import type { Chain, Ruleset } from '../iptables/ruleset.ts'
import { maxJumps } from '../limits.ts'
import { anything, type Effect, effectOf } from './effect.ts'
import { matches } from './matching.ts'
import { eitherPacket, type Packet } from './packet.ts'
import { type Verdict, verdictOfPolicy } from './verdict.ts'
import { shortlist } from './walking/shortlist.ts'
import { eitherWorld, type World } from './world.ts'

/** One rule of a chain. `number` counts from 1, as iptables does. */
export interface Step {
  readonly chain: string
  readonly number: number
  readonly rule: Rule
}

/** A rule that a packet came to, and that matched or perhaps did. */
export interface Met {
  readonly step: Step
  readonly match: 'yes' | 'maybe'
}

/**
 * A verdict that a packet may get. `path` is the rules that lead there: jumps from the outside in, then the rule that
 * gives it; for a policy, only the rule that left the chain for it, if one did. `packet` carries the marks it has then.
 */
export interface Outcome {
  readonly verdict: Verdict
  readonly path: readonly Step[]
  readonly packet: Packet
}

/** A packet on its way. */
export interface State {
  readonly packet: Packet
  readonly world: World
}

/**
 * Takes a packet through a chain, and tells `observe` of its state at the beginning and behind each rule, by how many rules
 * of the chain are before, that may have changed it; undefined if it cannot be there. With it come the verdicts that it
 * may have got until then.
 */
export function travel(
  ruleset: Ruleset,
  table: string,
  name: string,
  start: State,
  observe: (rules: number, state: State | undefined, given: readonly Outcome[]) => void = () => {},
): { readonly outcomes: readonly Outcome[]; readonly met: readonly Met[] } {
  const chains = ruleset.tables.get(table) ?? new Map<string, Chain>()
  const chain = chains.get(name)
  const policy = verdictOfPolicy(chain ? chain.policy : 'ACCEPT')
  const journey: Journey = { chains, outcomes: [], met: [], inside: new Set([name]), left: 1e6 }
  const finish = ({ packet }: State, path: readonly Step[]): void => {
    journey.outcomes.push({ verdict: policy, path, packet })
  }
  let here: State | undefined = start
  const rules = chain?.rules ?? []
  observe(0, here, journey.outcomes)
  for (const index of shortlist(rules, start.packet)) {
    const rule = rules[index]
    if (!here || !rule) break
    const count = journey.outcomes.length
    const { on, back }: Passage = pass(journey, [], { chain: name, index, rule }, here)
    // Out of a built-in chain there is no way but its policy.
    if (back) finish(back, [{ chain: name, number: index + 1, rule }])
    const changed = on !== here || journey.outcomes.length > count
    here = on
    if (changed) observe(index + 1, here, journey.outcomes)
  }
  if (here) finish(here, [])
  return journey
}

interface Journey {
  readonly chains: ReadonlyMap<string, Chain>
  readonly outcomes: Outcome[]
  readonly met: Met[]
  /** The chains that the packet is in now. */
  readonly inside: Set<string>
  /** How many rules it may still be asked. */
  left: number
}

/** Where a packet is after a rule: at the next one, back where its chain was jumped from, either, or nowhere. */
interface Passage {
  readonly on?: State | undefined
  readonly back?: State | undefined
}

/** Takes a packet past a rule, which `above` led to. Most rules do not match, so nothing is made before that is known. */
function pass(
  journey: Journey,
  above: readonly Step[],
  { chain, index, rule }: { chain: string; index: number; rule: Rule },
  here: State,
): Passage {
  journey.left--
  const match = matches(rule, here.packet, here.world)
  if (match === 'no') return { on: here }
  const step = { chain, number: index + 1, rule }
  journey.met.push({ step, match })
  const { on, back } = obey(journey, [...above, step], rule, here)
  return { on: match === 'yes' ? on : join(here, on), back }
}

function obey(journey: Journey, path: readonly Step[], rule: Rule, here: State): Passage {
  const { target } = rule
  const chain = target && journey.chains.get(target.name)
  if (!chain) return apply(journey, path, effectOf(rule, here.packet, here.world), here)
  const tooFar = journey.inside.has(chain.name) || journey.left < 0 || path.length > maxJumps
  if (tooFar) return apply(journey, path, anything(chain.name, here.packet), here)
  const end = through(journey, path, chain, here)
  return target.kind === 'jump' ? { on: end } : { back: end }
}

function apply(journey: Journey, path: readonly Step[], effect: Effect, here: State): Passage {
  switch (effect.kind) {
    case 'continue':
      return { on: { packet: effect.packet, world: effect.world } }
    case 'return':
      return { back: here }
    case 'end':
      journey.outcomes.push({ verdict: effect.verdict, path, packet: here.packet })
      return {}
    case 'anything':
      journey.outcomes.push({ verdict: effect.verdict, path, packet: effect.packet })
      return { on: { ...here, packet: effect.packet } }
  }
}

/** The state at the end of a chain that a rule leads into; undefined if no packet comes out of it. */
function through(
  journey: Journey,
  path: readonly Step[],
  chain: Chain,
  start: State,
): State | undefined {
  journey.inside.add(chain.name)
  let here: State | undefined = start
  let out: State | undefined
  for (const index of shortlist(chain.rules, start.packet)) {
    const rule = chain.rules[index]
    if (!here || !rule) break
    const { on, back }: Passage = pass(journey, path, { chain: chain.name, index, rule }, here)
    out = join(out, back)
    here = on
  }
  journey.inside.delete(chain.name)
  return join(out, here)
}

/** One state for a packet that is in the one or in the other. */
function join(a: State | undefined, b: State | undefined): State | undefined {
  if (!a || !b) return a ?? b
  return { packet: eitherPacket(a.packet, b.packet), world: eitherWorld(a.world, b.world) }
}
