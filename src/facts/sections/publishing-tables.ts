import type { Sections } from '../../agent/sections.ts'
import { publishingTables } from '../../nft/publishing-tables.ts'
import { type Reading, readSection } from '../reading.ts'

/** Reads which tables of nft publish ports; none where a host was not asked, as with a guard before routing. */
export function readPublishingTables(sections: Sections): Reading<readonly string[]> {
  if (!sections.has('translating-tables')) return { kind: 'read', value: [] }
  const said = readSection(sections, 'translating-tables', 'nft list chains')
  return said.kind === 'read' ? { kind: 'read', value: publishingTables(said.value) } : said
}
