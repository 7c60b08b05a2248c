import type { GuardKind } from '../../agent/agent.ts'

/** Another guard that a dry run of its checks on the same host shows to work; undefined if none does. */
export type Instead = () => GuardKind | undefined

/** What to do where the guard `forward` cannot work: a sentence of a remedy, with words before it; empty where no other guard would work. */
export function useInstead(instead: Instead, before = ''): string {
  const kind = instead()
  if (kind === undefined) return ''
  return `${before}Use the guard ${kind}, which would work on that host: set fw_guard: ${kind} for it in the inventory. \`fw-run preflight -e fw_guard=${kind}\` shows what it does.`
}

/** Joins the sentences of a remedy that are not empty. */
export function sentences(...some: readonly string[]): string {
  return some.filter(Boolean).join(' ')
}
