import { plainChange } from '../journal/recorded-change.ts'
import { exitCodeOfRecovery } from '../outcomes/exit-code.ts'
import {
  isFinished,
  type RecoveredHost,
  type RecoverReport,
  type Recovery,
  unfinishedHosts,
} from '../outcomes/recovery.ts'
import { countHosts, groupHosts, hostList } from '../text/host-list.ts'
import type { Paint } from '../text/paint.ts'
import { utcTime } from '../words/past-run.ts'
import { describeChange } from './text/change-words.ts'

/** A recovery for a person: each unfinished run, what was found and done on its hosts, and how it stands now. */
export function renderRecovery(report: RecoverReport, paint: Paint): readonly string[] {
  return [
    ...report.recoveries.flatMap((recovery) => [...runLines(recovery, paint), '']),
    conclusion(report),
  ]
}

/** How it came out, in a few words for the list of runs. */
export function recoverySummary({ recoveries, interrupted }: RecoverReport): string {
  if (recoveries.length === 0) return 'nothing to finish'
  const left = recoveries.filter((one) => !isFinished(one))
  const named = (some: readonly Recovery[]): string => some.map(({ past }) => past.id).join(', ')
  if (left.length === 0) return `finished ${named(recoveries)}`
  return `${interrupted ? 'interrupted, ' : ''}unfinished: ${named(left)}`
}

function runLines({ past, hosts }: Recovery, paint: Paint): readonly string[] {
  const { begun, ended, decided, id } = past
  const end = ended ? 'ended' : 'died'
  const aim = decided
    ? `${end} after it decided to keep the change. So recover makes sure that all hosts have it`
    : `${end} before it decided to keep the change. So recover makes sure that every host is as before`
  const groups = groupHosts(hosts, (host) => JSON.stringify(linesFor(host)))
  return [
    paint('bold', `RUN ${id}`),
    `  ${begun.command} of ${utcTime(begun.time)} by ${begun.who}, ${aim}.`,
    ...[...groups.values()].flatMap((group) => groupLines(group, paint)),
  ]
}

function groupLines(group: readonly RecoveredHost[], paint: Paint): readonly string[] {
  const [first] = group
  if (!first) return []
  const names = `${countHosts(group.length)}: ${hostList(group.map(({ host }) => host))}`
  const unfinished = first.kind === 'unfinished'
  return [
    `  ${unfinished ? `${paint('red', 'NOT FINISHED')} ${names}` : names}`,
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
      return [
        `not changed by recover: the later run ${host.by} changed this host, or found nothing to change there`,
      ]
    case 'changed':
      return host.changes.flatMap(describeChange)
    case 'unfinished':
      return [...host.reason.split('\n'), `-> ${host.remedy}`]
  }
}

function conclusion(report: RecoverReport): string {
  const { recoveries, remark } = report
  if (recoveries.length === 0) return `recover: ${remark ?? 'nothing to finish'}.`
  const left = recoveries.flatMap(unfinishedHosts)
  const names = hostList([...new Set(left)])
  switch (exitCodeOfRecovery(report)) {
    case 0: {
      const runs = recoveries.map(({ past }) => past.id)
      return `recover: done, finished ${runs.length === 1 ? 'run' : 'runs'} ${runs.join(', ')}.`
    }
    case 130:
      return `recover: interrupted; not finished on ${names}. Run the same command again.`
    default: {
      if (left.length === 0) {
        const runs = recoveries.filter((one) => !isFinished(one)).map(({ past }) => past.id)
        return `recover: all hosts are done, but fw-run could NOT RECORD this in the journal of run ${runs.join(', ')}. Fix the cause, then run the same command again.`
      }
      return `recover: NOT FINISHED on ${names}. Fix the cause, then run the same command again.`
    }
  }
}

/** What the JSON document of a recovery holds. */
export function jsonOfRecovery(report: RecoverReport): object {
  return {
    run: report.run,
    outcome: outcomeOf(report),
    remark: report.remark,
    runs: report.recoveries.map((recovery) => ({
      run: recovery.past.id,
      command: recovery.past.begun.command,
      started: recovery.past.begun.time,
      who: recovery.past.begun.who,
      decided: recovery.past.decided,
      finished: isFinished(recovery),
      hosts: recovery.hosts.map(({ host, kind, ...rest }) => ({
        ...{ host, state: kind, ...rest },
        ...('changes' in rest && { changes: rest.changes.map(plainChange) }),
      })),
    })),
  }
}

function outcomeOf(report: RecoverReport): 'finished' | 'unfinished' | 'interrupted' {
  const code = exitCodeOfRecovery(report)
  return code === 0 ? 'finished' : code === 8 ? 'unfinished' : 'interrupted'
}
