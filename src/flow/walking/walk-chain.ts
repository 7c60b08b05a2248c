import type { Rule } from '../../iptables/rule.ts'
import type { Chain, Ruleset } from '../../iptables/ruleset.ts'
import { maxJumps } from '../../limits.ts'
import { anything, type Effect, effectOf } from '../effect.ts'
import type { MatchedRule, NumberedRule } from '../matched-rule.ts'
import { matches } from '../matching.ts'
import { eitherPacket, type Packet } from '../packet.ts'
import { type PossibleVerdict, verdictOfPolicy } from '../verdict.ts'
import { eitherWorld, type World } from '../world.ts'
import { candidateRules } from './rule-index.ts'

/** A packet with its marks as they are now, and what is known of the host now. */
export interface PacketState {
  readonly packet: Packet
  readonly world: World
}

/** All verdicts that a packet may get in a chain, and all rules that matched it, in the order of the rules. */
export interface ChainWalk {
  readonly verdicts: readonly PossibleVerdict[]
  readonly matched: readonly MatchedRule[]
}

/**
 * Takes a packet through a chain. Calls `observe` at the beginning, and behind each rule that may have changed something:
 * with the number of rules before, the state there (undefined if the packet cannot be there), and the verdicts so far.
 */
export function walkChain(
  ruleset: Ruleset,
  table: string,
  name: string,
  start: PacketState,
  observe: (
    rules: number,
    state: PacketState | undefined,
    verdicts: readonly PossibleVerdict[],
  ) => void = () => {},
): ChainWalk {
  const chains = ruleset.tables.get(table) ?? new Map<string, Chain>()
  const chain = chains.get(name)
  const policy = verdictOfPolicy(chain ? chain.policy : 'ACCEPT')
  const walk: Walk = { chains, verdicts: [], matched: [], inside: new Set([name]), left: 1e6 }
  const toPolicy = ({ packet }: PacketState, path: readonly MatchedRule[]): void => {
    walk.verdicts.push({ verdict: policy, path, packet })
  }
  let here: PacketState | undefined = start
  const rules = chain?.rules ?? []
  observe(0, here, walk.verdicts)
  for (const index of candidateRules(rules, start.packet)) {
    const rule = rules[index]
    if (!here || !rule) break
    const count = walk.verdicts.length
    const numbered = { chain: name, number: index + 1, rule }
    const { next, returned, by }: Passage = passRule(walk, [], numbered, here)
    // A built-in chain returns to nobody: its policy decides.
    if (returned && by) toPolicy(returned, [by])
    const changed = next !== here || walk.verdicts.length > count
    here = next
    if (changed) observe(index + 1, here, walk.verdicts)
  }
  if (here) toPolicy(here, [])
  return walk
}

interface Walk {
  readonly chains: ReadonlyMap<string, Chain>
  readonly verdicts: PossibleVerdict[]
  readonly matched: MatchedRule[]
  /** The chains that the packet is in now. */
  readonly inside: Set<string>
  /** How many rules the walk may still ask. */
  left: number
}

/** Where a packet may be behind a rule: at the next rule, back where its chain was called, at both, or at neither. */
interface Passage {
  readonly next?: PacketState | undefined
  readonly returned?: PacketState | undefined
  /** The rule, if it matched. */
  readonly by?: MatchedRule
}

/** Takes a packet past a rule. `path` is the jumps that led to it. */
function passRule(
  walk: Walk,
  path: readonly MatchedRule[],
  { chain, number, rule }: NumberedRule,
  here: PacketState,
): Passage {
  walk.left--
  const match = matches(rule, here.packet, here.world)
  if (match === 'no') return { next: here }
  const by = { chain, number, rule, match }
  walk.matched.push(by)
  const { next, returned } = obey(walk, [...path, by], rule, here)
  return { next: match === 'yes' ? next : join(here, next), returned, by }
}

function obey(walk: Walk, path: readonly MatchedRule[], rule: Rule, here: PacketState): Passage {
  const { target } = rule
  const chain = target && walk.chains.get(target.name)
  if (!chain) return apply(walk, path, effectOf(rule, here.packet, here.world), here)
  const tooFar = walk.inside.has(chain.name) || walk.left < 0 || path.length > maxJumps
  if (tooFar) return apply(walk, path, anything(chain.name, here.packet), here)
  const end = walkCalled(walk, path, chain, here)
  return target.kind === 'jump' ? { next: end } : { returned: end }
}

function apply(
  walk: Walk,
  path: readonly MatchedRule[],
  effect: Effect,
  here: PacketState,
): Passage {
  switch (effect.kind) {
    case 'continue':
      return { next: { packet: effect.packet, world: effect.world } }
    case 'return':
      return { returned: here }
    case 'end':
      walk.verdicts.push({ verdict: effect.verdict, path, packet: here.packet })
      return {}
    case 'anything':
      walk.verdicts.push({ verdict: effect.verdict, path, packet: effect.packet })
      return { next: { ...here, packet: effect.packet } }
  }
}

/** The state in which a packet comes back from a chain that a rule calls; undefined if it cannot come back. */
function walkCalled(
  walk: Walk,
  path: readonly MatchedRule[],
  chain: Chain,
  start: PacketState,
): PacketState | undefined {
  walk.inside.add(chain.name)
  let here: PacketState | undefined = start
  let back: PacketState | undefined
  for (const index of candidateRules(chain.rules, start.packet)) {
    const rule = chain.rules[index]
    if (!here || !rule) break
    const numbered = { chain: chain.name, number: index + 1, rule }
    const { next, returned }: Passage = passRule(walk, path, numbered, here)
    back = join(back, returned)
    here = next
  }
  walk.inside.delete(chain.name)
  return join(back, here)
}

/** One state for a packet that is in one of two. */
function join(a: PacketState | undefined, b: PacketState | undefined): PacketState | undefined {
  if (!a || !b) return a ?? b
  return { packet: eitherPacket(a.packet, b.packet), world: eitherWorld(a.world, b.world) }
}
