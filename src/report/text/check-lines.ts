import type { RunReport } from '../../outcomes/run-report.ts'
import type { CheckResult } from '../../preflight/check.ts'
import { countHosts, groupHosts, hostList } from '../host-list.ts'
import { block } from '../layout/indented.ts'
import type { Paint } from '../paint.ts'
import { forOne, groupAlike } from './equal-hosts.ts'

/** Which checks to tell: those that warn or fail, or all of them; and each different fault, however many there are. */
export interface Telling {
  readonly all: boolean
  readonly verbose: boolean
}

interface Asked {
  readonly host: string
  readonly address: string
  readonly title: string
  readonly result: CheckResult
}

/** How many different faults under one title are told of, unless all are asked for. */
const shown = 4

/** What checks found, a title after the other; hosts of which the same is to be told share its lines. */
export function checkLines(
  report: RunReport,
  { all, verbose }: Telling,
  paint: Paint,
): readonly string[] {
  return [...groupHosts(askedIn(report), ({ title }) => title)].flatMap(([title, answers]) => {
    const groups = troublesOf(answers)
    const most = verbose || groups.length <= shown + 1 ? groups.length : shown
    const rest = groups.slice(most).flat()
    return [
      ...(all && groups.length === 0 ? passedLine(title, answers, paint) : []),
      ...groups.slice(0, most).flatMap((group) => troubleLines(title, group, paint)),
      ...(rest.length > 0
        ? [
            `${wordFor(rest, paint)}  ${title}: ${hostList(rest.map(({ host }) => host))}`,
            '      each for a reason of its own: -v shows them all',
          ]
        : []),
      ...(all ? unjudgedLines(title, answers) : []),
    ]
  })
}

/** How many different warnings checks gave. */
export function countWarnings(report: RunReport): number {
  const warned = askedIn(report).filter(({ result }) => result.kind === 'warn')
  return groupAlike(warned, keyOf).length
}

function askedIn({ hosts }: RunReport): readonly Asked[] {
  return hosts.flatMap(({ host, address, findings }) =>
    findings.map(({ title, result }) => ({ host, address, title, result })),
  )
}

function troublesOf(answers: readonly Asked[]): readonly (readonly Asked[])[] {
  const troubled = answers.filter(({ result }) => ['warn', 'fail'].includes(result.kind))
  return groupAlike(troubled, keyOf)
}

function keyOf({ title, result }: Asked): string {
  return JSON.stringify([title, result])
}

function passedLine(title: string, answers: readonly Asked[], paint: Paint): readonly string[] {
  const count = answers.filter(({ result }) => result.kind === 'pass').length
  return count === 0 ? [] : [`${paint('green', 'ok  ')}  ${title.padEnd(42)} ${countHosts(count)}`]
}

function troubleLines(title: string, group: readonly Asked[], paint: Paint): readonly string[] {
  const result = group[0]?.result
  if (result?.kind !== 'warn' && result?.kind !== 'fail') return []
  const reasons = [result.reason, ...forOne(group, keyOf)]
  return [
    `${wordFor(group, paint)}  ${title}: ${hostList(group.map(({ host }) => host))}`,
    ...block(reasons.join('\n'), '      '),
    ...block(result.remedy, '   -> '),
  ]
}

function wordFor(group: readonly Asked[], paint: Paint): string {
  const fails = group.some(({ result }) => result.kind === 'fail')
  return fails ? paint('red', 'FAIL') : paint('yellow', 'warn')
}

function unjudgedLines(title: string, answers: readonly Asked[]): readonly string[] {
  const unjudged = answers.flatMap(({ host, result }) =>
    result.kind === 'unjudged' ? [{ host, reason: result.reason }] : [],
  )
  return [...groupHosts(unjudged, ({ reason }) => reason)].flatMap(([reason, group]) => [
    `-     ${title}: ${hostList(group.map(({ host }) => host))}`,
    `      not judged: ${reason}`,
  ])
}
