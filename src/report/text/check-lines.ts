import { isOpenWarning, type RunReport } from '../../outcomes/run-report.ts'
import { type Finding, titleOf } from '../../preflight/check.ts'
import type { UnknownHostKey } from '../../ssh/session-fault.ts'
import { countHosts, groupHosts, hostList } from '../host-list.ts'
import { block } from '../layout/sections.ts'
import type { Paint } from '../paint.ts'
import { forOne, groupEqual } from './equal-hosts.ts'
import { hostKeyTable } from './host-key-table.ts'

/** What to show: `all` also checks that pass, `verbose` every different finding of a check. */
export interface Wanted {
  readonly all: boolean
  readonly verbose: boolean
}

/** A finding, and the host that it is about. */
interface Asked extends Finding {
  readonly host: string
  readonly address: string
}

/** How many different findings of one check are shown, unless all are wanted. */
const maxShown = 4

/** What checks found, one check after the other; equal hosts share lines. */
export function checkLines(
  report: RunReport,
  { all, verbose }: Wanted,
  paint: Paint,
): readonly string[] {
  return [...groupHosts(askedIn(report), ({ id }) => id).values()].flatMap((answers) => {
    const unknown = answers.flatMap(({ unknownKey }) => unknownKey ?? [])
    const tabled = unknown.length > 1
    const groups = troublesOf(tabled ? answers.filter(({ unknownKey }) => !unknownKey) : answers)
    const most = verbose || groups.length <= maxShown + 1 ? groups.length : maxShown
    const rest = groups.slice(most).flat()
    return [
      ...(all && groups.length === 0 ? passedLine(answers, paint) : []),
      ...(tabled ? unknownKeyLines(answers, unknown, paint) : []),
      ...groups.slice(0, most).flatMap((group) => troubleLines(group, paint)),
      ...(rest.length > 0
        ? [
            `${wordFor(rest, paint)}  ${titleFor(rest)}: ${hostList(rest.map(({ host }) => host))}`,
            '      each for another reason: -v shows them all',
          ]
        : []),
      ...acceptedLines(answers, paint),
      ...(all ? unjudgedLines(answers) : []),
    ]
  })
}

/** How many different warnings checks gave. */
export function countWarnings(report: RunReport): number {
  const warned = askedIn(report).filter(isOpenWarning)
  return groupEqual(warned, keyOf).length
}

function askedIn({ hosts }: RunReport): readonly Asked[] {
  return hosts.flatMap(({ host, address, findings }) =>
    findings.map((finding) => ({ ...finding, host, address })),
  )
}

function troublesOf(answers: readonly Asked[]): readonly (readonly Asked[])[] {
  const troubled = answers.filter((one) => isOpenWarning(one) || one.result.kind === 'fail')
  return groupEqual(troubled, keyOf)
}

function keyOf({ id, result }: Asked): string {
  return JSON.stringify([id, result])
}

/** A warning that the inventory accepts is shown in one quiet line, so that nobody forgets it. */
function acceptedLines(answers: readonly Asked[], paint: Paint): readonly string[] {
  const accepted = answers.filter(({ accepted }) => accepted)
  if (accepted.length === 0) return []
  const names = hostList(accepted.map(({ host }) => host))
  return [paint('dim', `warn  ${titleFor(accepted)}: ${names} (accepted by fw_accept)`)]
}

function passedLine(answers: readonly Asked[], paint: Paint): readonly string[] {
  const passed = answers.filter(({ result }) => result.kind === 'pass')
  if (passed.length === 0) return []
  return [`${paint('green', 'ok  ')}  ${titleFor(passed).padEnd(42)} ${countHosts(passed.length)}`]
}

function troubleLines(group: readonly Asked[], paint: Paint): readonly string[] {
  const result = group[0]?.result
  if (result?.kind !== 'warn' && result?.kind !== 'fail') return []
  const reasons = [result.reason, ...forOne(group, keyOf)]
  return [
    `${wordFor(group, paint)}  ${titleFor(group)}: ${hostList(group.map(({ host }) => host))}`,
    ...block(reasons.join('\n'), '      '),
    ...block(result.remedy, '   -> '),
  ]
}

function titleFor([first]: readonly Asked[]): string {
  return first ? titleOf(first) : ''
}

/** One table for all hosts whose keys are unknown: each key differs, and all need the same. */
function unknownKeyLines(
  answers: readonly Asked[],
  keys: readonly UnknownHostKey[],
  paint: Paint,
): readonly string[] {
  const hosts = answers.filter(({ unknownKey }) => unknownKey)
  const names = hostList(hosts.map(({ host }) => host))
  return [`${wordFor(hosts, paint)}  ${titleFor(hosts)}: ${names}`, ...hostKeyTable(keys)]
}

function wordFor(group: readonly Asked[], paint: Paint): string {
  const fails = group.some(({ result }) => result.kind === 'fail')
  return fails ? paint('red', 'FAIL') : paint('yellow', 'warn')
}

function unjudgedLines(answers: readonly Asked[]): readonly string[] {
  const unjudged = answers.flatMap((one) =>
    one.result.kind === 'unjudged' ? [{ ...one, reason: one.result.reason }] : [],
  )
  return [...groupHosts(unjudged, ({ reason }) => reason)].flatMap(([reason, group]) => [
    `-     ${titleFor(group)}: ${hostList(group.map(({ host }) => host))}`,
    `      skipped: ${reason}`,
  ])
}
