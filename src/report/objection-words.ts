import type { Objection } from '../transaction/outcome.ts'
import { hostList } from './host-list.ts'
import type { Paint } from './paint.ts'
import type { RunReport } from './run-report.ts'

/** In a few words why a verified change was taken back, to follow "because". */
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

/** Each objection with what to do next; what a probe has found stands with the probes. */
export function objectionLines({ objections }: RunReport, paint: Paint): readonly string[] {
  return objections.flatMap(({ kind, host, reason }) => {
    if (kind === 'probe') return []
    const { title, remedy } = words[kind]
    return [
      `  ${host === undefined ? paint('red', title) : `${paint('red', host)} ${title}`}:`,
      `      ${reason}`,
      `   -> ${remedy}`,
    ]
  })
}

const words: Readonly<
  Record<Exclude<Objection['kind'], 'probe'>, { readonly title: string; readonly remedy: string }>
> = {
  unanswered: {
    title: 'at a new connection',
    remedy:
      'See by hand whether one can log in there. Too many logins at once (MaxStartups): a lower --forks. A slow link: a higher --timeout.',
  },
  unconfirmed: {
    title: 'not confirmed',
    remedy: 'To keep the change, run the same command again and answer y.',
  },
  journal: {
    title: 'cannot be written down',
    remedy: 'Mend that on this machine and run the same command again.',
  },
}
