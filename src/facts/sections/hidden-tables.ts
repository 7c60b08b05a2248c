/** The tables that iptables leaves out, because they hold what only `nft` can write (iptables/xtables-save.c). */
export function hiddenTables(text: string): readonly string[] {
  return [...text.matchAll(/^# Table [`'](\S+)' is incompatible, use 'nft' tool\.$/gm)].flatMap(
    ([, name]) => name ?? [],
  )
}
