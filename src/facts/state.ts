import { guardChain } from '../agent/names.ts'
import type { Sections } from '../agent/sections.ts'
import { type IpSet, parseSets } from '../ipset/sets.ts'
import { setFault } from '../ipset/unreadable-line.ts'
import { parseRuleset, parseRulesetInPieces, type Ruleset } from '../iptables/ruleset.ts'
import { type NftTable, parseTable } from '../nft/printed-table.ts'
import { atOnce, type InPieces } from '../waiting/pieces.ts'
import { type BootFiles, readBootFiles } from './boot-files.ts'
import { notUnderstood, type Reading, readSection } from './reading.ts'
import { hiddenTable, hiddenTables } from './sections/hidden-tables.ts'
import { readLeftOut } from './sections/left-out.ts'
import { readSetUsers } from './sections/set-users.ts'
import { readUnseenRules, readUnseenTable, type UnseenRules } from './unseen-rules.ts'

/**
 * What a change can alter on a host. `fingerprint` names what a change depends on, as the session that read it knows it.
 * It is empty after a change, because nothing is planned on that.
 */
export interface HostState {
  readonly ruleset: Ruleset
  /** ClusterIPs of which a large host left out the rules; unset where it left out none. */
  readonly leftOut?: readonly string[] | undefined
  readonly sets: ReadonlyMap<string, IpSet>
  /** How many rules and sets use each of our sets that stood when the host was first read, also those that fw-run does not read. */
  readonly setUsers?: ReadonlyMap<string, number> | undefined
  /** What the backend of iptables that is not read has of ours; only in facts. */
  readonly unseen?: readonly UnseenRules[] | undefined
  /** Why our table may stand although the host has no `nft`: it was made since the last boot, or the program at boot makes it. */
  readonly unseenTable?: 'noted' | 'boot' | undefined
  /** The table `inet fw_run`; undefined if there is none. */
  readonly table?: NftTable | undefined
  /**
   * The tables mangle, and raw where it was read, of each family, with our chain; undefined where it neither stands nor is
   * wanted. `ruleset` is without it.
   */
  readonly mangle?: Readonly<Partial<Record<4 | 6, Ruleset>>> | undefined
  /** The files that bring the guard back at boot; undefined where the answer does not tell. */
  readonly boot?: BootFiles | undefined
  readonly fingerprint: string
}

const listTable = 'nft list table inet fw_run'

/** Reads rules, sets and our table from an answer; unreadable if any of them is. */
export function readState(sections: Sections): Reading<HostState> {
  return atOnce(readStateInPieces(sections))
}

/** The same in pieces. */
export function* readStateInPieces(sections: Sections): InPieces<Reading<HostState>> {
  const rules = readSection(sections, 'rules', 'iptables-save')
  const sets = readSection(sections, 'sets', 'ipset save')
  const fingerprint: Reading<string> = sections.has('fingerprint')
    ? readSection(sections, 'fingerprint', 'iptables -S FORWARD')
    : { kind: 'read', value: '' }
  if (rules.kind === 'unreadable') return rules
  if (sets.kind === 'unreadable') return sets
  const printed = readSection(sections, 'table', listTable)
  const boot = readBootFiles(sections)
  if (boot.kind === 'unreadable') return boot
  if (printed.kind === 'unreadable') return printed
  const early = readMangle(sections)
  if (early.kind === 'unreadable') return early
  // It fails where any of the others failed, too.
  if (fingerprint.kind === 'unreadable') return fingerprint
  const table = parseTable(printed.value)
  if (!table && printed.value.trim() !== '') return notUnderstood(listTable, 'line 1')
  const ruleset = yield* parseRulesetInPieces(rules.value)
  const { fault } = ruleset
  if (fault !== undefined) return notUnderstood('iptables-save', fault)
  const setsFault = setFault(sets.value)
  if (setsFault !== undefined) return notUnderstood('ipset save', setsFault)
  return {
    kind: 'read',
    value: {
      ...{
        ruleset: withoutOwnChain(ruleset),
        leftOut: readLeftOut(sections),
        sets: parseSets(sets.value),
        setUsers: readSetUsers(sections),
        unseen: readUnseenRules(sections),
        unseenTable: readUnseenTable(sections),
        table,
        mangle: early.value,
        boot: boot.value,
      },
      fingerprint: fingerprint.value.trim(),
    },
  }
}

/** Walks for the guard `forward` ask what becomes of packets without our chain. */
function withoutOwnChain(ruleset: Ruleset): Ruleset {
  const mangle = ruleset.tables.get('mangle')
  const first = mangle?.get('PREROUTING')
  if (!mangle?.has(guardChain) || !first) return ruleset
  const rules = first.rules.filter(({ target }) => target?.name !== guardChain)
  const chains = new Map([...mangle, ['PREROUTING', { ...first, rules }]])
  chains.delete(guardChain)
  return { ...ruleset, tables: new Map([...ruleset.tables, ['mangle', chains]]) }
}

/** Reads mangle and raw of both families. The agent leaves out what does not matter. */
function readMangle(sections: Sections): Reading<HostState['mangle']> {
  const found: Partial<Record<4 | 6, Ruleset>> = {}
  for (const family of [4, 6] as const) {
    const [suffix, command] = family === 4 ? ['', 'iptables-save'] : ['6', 'ip6tables-save']
    let text = ''
    for (const name of [`mangle${suffix}`, `raw${suffix}`]) {
      // Sections that were not asked for say nothing.
      if (!sections.has(name)) continue
      const read = readSection(sections, name, command)
      if (read.kind === 'unreadable') return read
      text += `${read.value}\n`
    }
    if (text.trim() === '') continue
    const [hidden] = hiddenTables(text)
    if (hidden !== undefined)
      return hiddenTable(`\`${command}\``, hidden, family, command.replace('-save', ''))
    const ruleset = parseRuleset(text, family)
    if (ruleset.fault !== undefined) return notUnderstood(command, ruleset.fault)
    found[family] = ruleset
  }
  return { kind: 'read', value: Object.keys(found).length === 0 ? undefined : found }
}
