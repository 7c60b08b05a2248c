import {
  exitCodeOfRecovery,
  isFinished,
  type RecoveredHost,
  type RecoverReport,
  type Recovery,
  unfinishedHosts,
} from '../outcomes/recovery.ts'
import { countHosts, groupHosts, hostList } from './host-list.ts'
import type { Paint } from './paint.ts'
import { utcTime } from './past-run-words.ts'
import { describeChange } from './text/change-words.ts'

/** A recovery for a person: each run that was open, what was found and done on its hosts, and how it stands now. */
export function renderRecovery(report: RecoverReport, paint: Paint): readonly string[] {
  return [
    ...report.recoveries.flatMap((recovery) => [...runLines(recovery, paint), '']),
    conclusion(report),
  ]
}

function runLines({ past, hosts }: Recovery, paint: Paint): readonly string[] {
  const { begun, ended, decided, id } = past
  const how = decided
    ? 'after it was decided to keep the change'
    : 'before it was decided to keep the change'
  const fate = ended ? (decided ? 'decided' : 'not decided') : `interrupted ${how}`
  const aim = decided ? 'all hosts are' : 'no host is'
  const groups = groupHosts(hosts, (host) => JSON.stringify(linesFor(host)))
  return [
    paint('bold', `RUN ${id}`),
    `  ${begun.command} of ${utcTime(begun.time)} by ${begun.who}, ${fate}, so ${aim} to have it.`,
    ...[...groups.values()].flatMap((group) => groupLines(group, paint)),
  ]
}

function groupLines(group: readonly RecoveredHost[], paint: Paint): readonly string[] {
  const [first] = group
  if (!first) return []
  const names = `${countHosts(group.length)}: ${hostList(group.map(({ host }) => host))}`
  const open = first.kind === 'unfinished'
  return [
    `  ${open ? `${paint('red', 'NOT SETTLED')} ${names}` : names}`,
    ...linesFor(first).map((line) => `    ${line}`),
  ]
}

function linesFor(host: RecoveredHost): readonly string[] {
  switch (host.kind) {
    case 'as-before':
      return ['as before that run']
    case 'already':
      return ['has the change already']
    case 'superseded':
      return [`run ${host.by}, a later one, has the last word there`]
    case 'changed':
      return host.changes.flatMap(describeChange)
    case 'unfinished':
      return [...host.reason.split('\n'), `-> ${host.remedy}`]
  }
}

function conclusion(report: RecoverReport): string {
  const { recoveries, remark } = report
  if (recoveries.length === 0) return `recover: ${remark ?? 'nothing to settle'}.`
  const open = recoveries.flatMap(unfinishedHosts)
  const unsettled = hostList([...new Set(open)])
  switch (exitCodeOfRecovery(report)) {
    case 0: {
      const runs = recoveries.map(({ past }) => past.id)
      return `recover: done, ${runs.length === 1 ? 'run' : 'runs'} ${runs.join(', ')} settled.`
    }
    case 130:
      return `recover: interrupted; not settled: ${unsettled}. Run it again.`
    default: {
      if (open.length === 0) {
        const runs = recoveries.filter((one) => !isFinished(one)).map(({ past }) => past.id)
        return `recover: all hosts are settled, but NOT MARKED as settled: ${runs.join(', ')}. Mend that, and run it again.`
      }
      return `recover: NOT SETTLED: ${unsettled}. Mend that, and run it again.`
    }
  }
}
