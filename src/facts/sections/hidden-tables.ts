import type { Reading } from '../reading.ts'

/** The tables that iptables leaves out, because they hold what only `nft` can write (iptables/xtables-save.c). */
export function hiddenTables(text: string): readonly string[] {
  return [...text.matchAll(/^# Table [`'](\S+)' is incompatible, use 'nft' tool\.$/gm)].flatMap(
    ([, name]) => name ?? [],
  )
}

/** What to do about such a table; its rules could be written with `tool`. */
export function hiddenTable(
  command: string,
  name: string,
  family: 4 | 6,
  tool: string,
): Extract<Reading<never>, { kind: 'unreadable' }> {
  const table = `${family === 4 ? 'ip' : 'ip6'} ${name}`
  return {
    kind: 'unreadable',
    reason: `${command} cannot show the table ${name}, which \`nft\` wrote`,
    remedy: `\`nft list table ${table}\` on that host shows this table. If it has no rules, delete it: \`nft delete table ${table}\`. Otherwise give the table another name, or write its rules with ${tool}.`,
  }
}
