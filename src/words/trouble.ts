import { hostList } from '../text/host-list.ts'
import type { Objection } from '../transaction/outcome.ts'

/** At which step something went wrong, to follow the name of a host. */
export function describeStep(step: string): string {
  return step === 'hold' ? 'after apply, before the commit' : `at ${step}`
}

/** In a few words why a verified change was rolled back, to follow "because". */
export function objectionCause(objections: readonly Objection[]): string {
  const [first] = objections
  if (!first) return ''
  const reason = first.reason.replace(/\.$/, '')
  if (first.kind === 'unanswered') {
    const hosts = hostList(objections.flatMap(({ host }) => host ?? []))
    return objections.length === 1
      ? `${hosts} does not answer a new connection: ${reason}`
      : `${hosts} do not answer new connections`
  }
  const more = objections.length - 1
  return more === 0 ? reason : `${reason} (and ${more} more)`
}
