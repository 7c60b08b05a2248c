import { bootProgram, bootService } from '../agent/names.ts'
import type { HostState } from '../facts/state.ts'
import { findGuards } from '../guard/forward-rule.ts'
import { type ChainState, setOf } from '../guard/mangle-chain.ts'
import { chainOf } from '../guard/standing-chain.ts'
import { families } from '../ip/dual.ts'
import { chainsOf, type NftChain } from '../nft/printed-table.ts'
import { bootState, sameBoot } from './boot-change.ts'
import type { BootState, Change } from './change.ts'

/**
 * How our rules, sets, table, chains and boot files differ from before, in words; empty after a complete rollback. Positions do not matter,
 * because others may have moved our rules meanwhile: rules are compared by text and number of copies.
 */
export function differences(before: HostState, after: HostState, set: string): readonly string[] {
  return compare(oursIn(before, set), oursIn(after, set))
}

/** The same, if the state before is known only from the changes that were planned for it. */
export function leftOf(
  changes: readonly Change[],
  after: HostState,
  set: string,
): readonly string[] {
  const now = oursIn(after, set)
  let before = now
  for (const change of changes) {
    before = withBefore(before, change)
  }
  return compare(before, now)
}

function withBefore(ours: Ours, change: Change): Ours {
  switch (change.kind) {
    case 'set':
      return { ...ours, sets: new Map([...ours.sets, [change.name, change.before?.members]]) }
    case 'rules':
      return { ...ours, rules: change.before.map(({ rule }) => rule.raw) }
    case 'table':
      return { ...ours, table: change.before === undefined ? undefined : chainsOf(change.before) }
    case 'chain':
      return { ...ours, chains: { ...ours.chains, [change.family]: linesOf(change.before) } }
    case 'boot':
      return { ...ours, boot: change.before }
  }
}

/** What is ours on a host: rules and chains as printed, the members of the sets, the table and the boot files; undefined if there is none. */
interface Ours {
  readonly rules: readonly string[]
  readonly sets: ReadonlyMap<string, readonly string[] | undefined>
  readonly table: readonly NftChain[] | undefined
  readonly chains: Readonly<Record<4 | 6, readonly string[] | undefined>>
  readonly boot: BootState | undefined
}

function oursIn(state: HostState, set: string): Ours {
  return {
    rules: findGuards(state.ruleset, set).map(({ rule }) => rule.raw),
    sets: new Map(
      families.map((family) => {
        const name = setOf(set, family)
        return [name, state.sets.get(name)?.members] as const
      }),
    ),
    table: state.table?.chains,
    chains: { 4: linesOf(chainOf(state, 4)), 6: linesOf(chainOf(state, 6)) },
    boot: bootState(state.boot),
  }
}

function linesOf(chain: ChainState | undefined): readonly string[] | undefined {
  return chain && [...chain.rules, ...chain.jumps.map(({ rule }) => rule)].map(({ raw }) => raw)
}

function compare(before: Ours, after: Ours): readonly string[] {
  const found: string[] = []
  const sorted = ({ rules }: Ours): string => rules.toSorted().join('\n')
  if (sorted(before) !== sorted(after)) {
    found.push(
      `the rules of fw-run in FORWARD are now: ${describe(after.rules)}; before: ${describe(before.rules)}`,
    )
  }
  for (const name of new Set([...before.sets.keys(), ...after.sets.keys()])) {
    const members = ({ sets }: Ours): string => sets.get(name)?.toSorted().join(' ') ?? 'missing'
    if (members(before) !== members(after)) {
      found.push(`set ${name} is now: ${members(after)}; before: ${members(before)}`)
    }
  }
  if (wordsOf(before.table) !== wordsOf(after.table)) {
    found.push(
      `table inet fw_run is now: ${wordsOf(after.table)}; before: ${wordsOf(before.table)}`,
    )
  }
  for (const family of families) {
    const chain = ({ chains }: Ours): string => chains[family]?.join('; ') ?? 'missing'
    if (chain(before) !== chain(after)) {
      const table = `chain FW-RUN of mangle (${family === 4 ? 'iptables' : 'ip6tables'})`
      found.push(`${table} is now: ${chain(after)}; before: ${chain(before)}`)
    }
  }
  if (!sameBoot(before.boot, after.boot)) {
    found.push(
      `the boot files ${bootProgram} and ${bootService} are not as before: ${filesOf(after.boot)}; before: ${filesOf(before.boot)}`,
    )
  }
  return found
}

function filesOf(boot: BootState | undefined): string {
  if (!boot) return 'missing'
  const there = (text: string | undefined): string =>
    text === undefined ? 'missing' : `${text.length} characters`
  return `program ${there(boot.program)}, service ${there(boot.service)}${boot.enabled ? '' : ', not enabled or not active'}`
}

function wordsOf(table: readonly NftChain[] | undefined): string {
  const chains = table?.map(
    ({ name, rules }) => `chain ${name} { ${rules.map(({ words }) => words).join('; ')} }`,
  )
  return chains?.join(' ') ?? 'missing'
}

function describe(rules: readonly string[]): string {
  return rules.length === 0 ? 'none' : rules.join('; ')
}
