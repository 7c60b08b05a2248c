import { asideSet, asideSet6 } from '../agent/names.ts'
import type { HostState } from '../facts/state.ts'
import { isGuard } from '../guard/forward-rule.ts'
import type { ForwardIntent } from '../guard/intent.ts'
import { setOf } from '../guard/mangle-chain.ts'
import type { IpSet } from '../ipset/sets.ts'
import type { Chain, Ruleset } from '../iptables/ruleset.ts'
import type { InPieces } from '../waiting/pieces.ts'

/**
 * Finds something out about a host, or takes what was found for this intent where nothing but our own rules and sets differs.
 * So a host that is read back after its change is not walked again: that may take seconds, and hosts want to hear from us. A
 * result that is a function may hold all of a host, so it is kept only until another is found.
 */
export function unlessKnown<T>(
  find: (state: HostState, intent: ForwardIntent) => InPieces<T>,
): (state: HostState, intent: ForwardIntent) => InPieces<T> {
  const known = new WeakMap<ForwardIntent, Known<T>>()
  let last: (Known<T> & { readonly intent: ForwardIntent }) | undefined
  return function* (state, intent) {
    const before = last?.intent === intent ? last : known.get(intent)
    if (before && sameButOurs(before.state, state, intent.set)) return before.result
    const result = yield* find(state, intent)
    last = { intent, state, result }
    if (typeof result !== 'function') known.set(intent, last)
    return result
  }
}

interface Known<T> {
  readonly state: HostState
  readonly result: T
}

/** Whether two states differ in nothing but counters, our rules and our sets. */
function sameButOurs(a: HostState, b: HostState, set: string): boolean {
  return (
    sameRules(a.ruleset, b.ruleset, set) &&
    sameSets(a.sets, b.sets, [set, setOf(set, 6), asideSet, asideSet6])
  )
}

function sameRules({ tables: a }: Ruleset, { tables: b }: Ruleset, set: string): boolean {
  return (
    a.size === b.size &&
    [...a].every(([table, chains]) => {
      const others = b.get(table)
      if (chains === others) return true
      if (chains.size !== others?.size) return false
      return [...chains].every(([name, chain]) => {
        const other = others.get(name)
        const guarded = table === 'filter' && name === 'FORWARD'
        return other !== undefined && sameChain(chain, other, guarded ? set : undefined)
      })
    })
  )
}

function sameChain(a: Chain, b: Chain, guardedBy: string | undefined): boolean {
  if (a === b) return true
  if (a.policy !== b.policy) return false
  const [some, others] = [a, b].map((chain) => linesOf(chain, guardedBy))
  return some?.length === others?.length && (some ?? []).every((line, i) => line === others?.[i])
}

/** The rules of a chain as printed, without counters and without ours. */
function linesOf({ lines, rules }: Chain, guardedBy: string | undefined): readonly string[] {
  return guardedBy === undefined
    ? lines.map((line) => line.replace(/^\[\d+:\d+\] /, ''))
    : rules.filter((rule) => !isGuard(rule, guardedBy)).map(({ raw }) => raw)
}

function sameSets(
  a: ReadonlyMap<string, IpSet>,
  b: ReadonlyMap<string, IpSet>,
  ours: readonly string[],
): boolean {
  const textsOf = (sets: ReadonlyMap<string, IpSet>): string =>
    JSON.stringify([...sets.values()].filter(({ name }) => !ours.includes(name)))
  return textsOf(a) === textsOf(b)
}
