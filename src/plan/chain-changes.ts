import type { HostState } from '../facts/state.ts'
import type { MangleIntent } from '../guard/intent.ts'
import { type ChainState, guardedByChain, isOurChain, wantedChain } from '../guard/mangle-chain.ts'
import { type PlacedRule, sameMeaning } from '../guard/placed-rule.ts'
import { bypass, chainOf } from '../guard/standing-chain.ts'
import { type Family, families } from '../ip/dual.ts'
import type { Rule } from '../iptables/rule.ts'
import type { Change } from './change.ts'

/** What has to happen to our chains, and what an administrator should know of them. */
export interface ChainPlan {
  readonly changes: readonly Change[]
  readonly notes: readonly string[]
}

/**
 * Makes our chain of each family as wanted. A rule that leads to it is moved only if packets of outsiders may pass before
 * it: others put theirs first whenever they like.
 */
export function chainsAs(state: HostState, intent: MangleIntent): ChainPlan {
  const plans = families.map((family): ChainPlan => {
    const before = chainOf(state, family)
    const wanted = wantedChain(intent, family)
    if (!before || !wanted) {
      return before || wanted ? planOf({ kind: 'chain', family, before, after: wanted }) : nothing
    }
    const passed = passedBy(state, family, before, wanted)
    const stay = standOnce(before.jumps, wanted.jumps) && passed === undefined
    if (stay && sameRules(before.rules, wanted.rules)) return nothing
    const after = stay ? { ...wanted, jumps: before.jumps } : wanted
    const plan = planOf({ kind: 'chain', family, before, after })
    return passed === undefined ? plan : { ...plan, notes: [passed] }
  })
  return joined(plans)
}

/** Takes off our chains. One that another program made under our name stays. */
export function withoutChains(state: HostState): readonly Change[] {
  return families.flatMap((family): readonly Change[] => {
    const before = chainOf(state, family)
    return before && isOurChain(before) ? [{ kind: 'chain', family, before, after: undefined }] : []
  })
}

const nothing: ChainPlan = { changes: [], notes: [] }

function planOf(change: Change): ChainPlan {
  return { changes: [change], notes: [] }
}

function joined(plans: readonly ChainPlan[]): ChainPlan {
  return {
    changes: plans.flatMap(({ changes }) => changes),
    notes: plans.flatMap(({ notes }) => notes),
  }
}

/** Which rule lets outsiders pass before our chain, in words; undefined if none does. */
function passedBy(
  state: HostState,
  family: Family,
  { jumps }: ChainState,
  wanted: ChainState,
): string | undefined {
  const { closed } = guardedByChain(wanted)
  const leading =
    wanted.jumps.length === 1
      ? 'So the rule that leads to the chain of fw-run goes to the top of PREROUTING'
      : 'So the rules that lead to the chain of fw-run go to the top of PREROUTING'
  for (const jump of jumps) {
    const rule = bypass(state, family, jump, closed)
    if (rule && rule !== jump.rule) {
      return `a rule of mangle PREROUTING may let packets of outsiders pass before the chain of fw-run: ${rule.raw}. ${leading}`
    }
    if (rule)
      return `rules of mangle PREROUTING may let packets of outsiders pass before the chain of fw-run. ${leading}`
  }
  return undefined
}

/** Whether each wanted rule is there once, in any order, and no other. */
function standOnce(jumps: readonly PlacedRule[], wanted: readonly PlacedRule[]): boolean {
  return (
    jumps.length === wanted.length &&
    wanted.every(({ rule }) => jumps.some((jump) => sameMeaning(jump.rule, rule)))
  )
}

/** Whether two chains do the same, whatever leads to them. */
function sameRules(a: readonly Rule[], b: readonly Rule[]): boolean {
  return (
    a.length === b.length &&
    a.every((rule, index) => {
      const other = b[index]
      return other !== undefined && sameMeaning(rule, other)
    })
  )
}
