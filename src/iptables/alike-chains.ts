import { ownText } from '../memory/own-text.ts'
import type { Chain, Table } from './ruleset.ts'

/** Which text of a host a table is from: the rules of its backend, those of the other one, or a family of the guard mangle. */
export type Source = 'rules' | 'other' | 4 | 6

/*
 * The nodes of a cluster have most of their chains alike. Each host is compared with the one that was read before it: what is
 * alike is kept once, and so is all that is found out about it (by WeakMap). Nobody changes a chain, so nobody can tell.
 */
const last = new Map<string, Table>()

/** A table as the host before had it; undefined for the first. */
export function tableBefore(source: Source, name: string): Table | undefined {
  return last.get(`${source} ${name}`)
}

/** The line, or the name of a chain, of the host before if it is equal, else a copy. A copy does not keep the whole answer in memory. */
export function sharedText(text: string, before: string | undefined): string {
  return text === before ? before : ownText(text)
}

/** The table with the chains of the host before in place of equal ones; that host's table itself if all are equal. */
export function sharedTable(source: Source, name: string, table: Table): Table {
  const before = tableBefore(source, name)
  const shared = new Map<string, Chain>()
  for (const [chain, own] of table) {
    const other = before?.get(chain)
    shared.set(chain, other && sameChain(own, other) ? other : own)
  }
  if (before && sameTable(shared, before)) return before
  last.set(`${source} ${name}`, shared)
  return shared
}

/** Equal lines are one string here, so this looks at no character. */
function sameChain(a: Chain, b: Chain): boolean {
  return (
    a.policy === b.policy &&
    a.lines.length === b.lines.length &&
    a.lines.every((line, i) => line === b.lines[i])
  )
}

/** In the same order, too. */
function sameTable(a: Table, b: Table): boolean {
  if (a.size !== b.size) return false
  const others = b.values()
  for (const chain of a.values()) if (chain !== others.next().value) return false
  return true
}
