import type { HostFacts } from '../../facts/host-facts.ts'

/** The tables of nft that publish ports, in words, and what shows them; undefined where none does, or where that is not known. */
export function publishingTables({
  publishingTables: tables,
}: HostFacts): { readonly names: string; readonly show: string } | undefined {
  const all = tables.kind === 'read' ? tables.value : []
  const [first] = all
  if (first === undefined) return undefined
  const seen = [...all.slice(0, 3), ...(all.length > 3 ? ['…'] : [])]
  return {
    names: `${all.length === 1 ? 'table' : 'tables'} ${seen.join(', ')}`,
    show: `\`nft list table ${first}\` on that host shows ${all.length === 1 ? 'that table' : 'the first one'}.`,
  }
}
