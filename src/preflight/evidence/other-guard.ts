import type { GuardKind } from '../../agent/agent.ts'

/** Another guard that a dry run of its checks on the same host shows to work; undefined if none does. */
export type Instead = () => GuardKind | undefined

/**
 * What to do where the guard `forward` cannot work: a sentence of a remedy; empty where no other guard would work.
 * `before` begins the sentence, `also` says what else that guard does.
 */
export function useInstead(instead: Instead, before = '', also = ''): string {
  const kind = instead()
  if (kind === undefined) return ''
  return `${before}${before === '' ? 'Set' : 'set'} fw_guard: ${kind} for that host: the guard ${kind} would work there${also}. \`fw-run preflight -e fw_guard=${kind}\` shows what would change.`
}

/** The same where no dry run told whether that guard works: the person is to try it. */
export function tryGuard(kind: GuardKind): string {
  return `If \`fw-run preflight -e fw_guard=${kind}\` passes on that host, you can set fw_guard: ${kind} for it instead.`
}

/** Joins the sentences of a remedy that are not empty. */
export function sentences(...some: readonly string[]): string {
  return some.filter(Boolean).join(' ')
}
