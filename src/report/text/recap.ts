import {
  failures,
  type HostReport,
  isOpenWarning,
  isUnseen,
  type RunReport,
  statusOf,
} from '../../outcomes/run-report.ts'
import { inColumns } from '../layout/columns.ts'
import type { Paint } from '../paint.ts'
import { describeChange } from './change-words.ts'

/**
 * The recap: one line a host, in the order of the inventory, but with hosts in trouble last, next to the prompt. `changed`
 * and `undone` count the lines that tell of it.
 */
export function recap(report: RunReport, paint: Paint): readonly string[] {
  const width = Math.min(26, Math.max(...report.hosts.map(({ host }) => host.length), 4))
  const fields = report.purpose === 'look' ? statusFields : changeFields
  const hosts = report.hosts.toSorted((a, b) => trouble(a, report) - trouble(b, report))
  const rows = hosts.map((host) => fields(host, report))
  const lines = inColumns(rows, ' ').map((line) => line.trimEnd())
  return hosts.map(
    (host, index) => `${paintHost(host, report, paint, host.host.padEnd(width))} : ${lines[index]}`,
  )
}

function changeFields(host: HostReport, report: RunReport): readonly string[] {
  const state = statusOf(host, report)
  const objections = report.objections.filter((one) => one.host === host.host).length
  const failed = failures(host).length + (host.fault ? 1 : 0) + objections
  const unreachable = state === 'unreachable' || isLost(host) ? 1 : 0
  const fields = {
    ok: host.findings.filter(({ result }) => result.kind === 'pass').length,
    changed: host.outcome?.kind === 'committed' ? countLines(host) : 0,
    warned: host.findings.filter(isOpenWarning).length,
    failed: Math.max(failed, state === 'incomplete' ? 1 : 0) - unreachable,
    unreachable,
    undone: host.outcome?.kind === 'rolled-back' ? countLines(host) : 0,
  }
  return Object.entries(fields).map(([name, count]) => `${name}=${`${count}`.padEnd(3)}`)
}

/** How many lines tell what was changed on a host. */
function countLines({ changes }: HostReport): number {
  return changes.flatMap(describeChange).length
}

/** Whether nobody knows how a host stands because it could not be reached. */
function isLost(host: HostReport): boolean {
  return isUnseen(host) && (host.fault === undefined || host.fault.kind === 'lost')
}

function statusFields(host: HostReport, report: RunReport): readonly string[] {
  if (!host.known) return [statusOf(host, report) === 'unreachable' ? 'unreachable' : 'unknown']
  const word = protectionOf(host)
  if (host.guards.length === 0) return [word]
  const rules = host.guards.map(({ position }) => position).join(',')
  const { packets, bytes } = host.turnedAway ?? { packets: 0n, bytes: 0n }
  return [
    word.padEnd(11),
    `rule=${rules.padEnd(3)}`,
    `packets=${`${packets}`.padEnd(6)}`,
    `bytes=${bytes}`,
  ]
}

/** Whether a host was protected as the inventory says when it was read, in a word; `ineffective` where the rule stands but cannot work. */
export function protectionOf(
  host: HostReport,
): 'protected' | 'drifted' | 'ineffective' | 'unprotected' {
  if (host.guards.length === 0) return 'unprotected'
  if (failures(host).length > 0) return 'ineffective'
  return host.changes.length === 0 ? 'protected' : 'drifted'
}

function trouble(host: HostReport, report: RunReport): number {
  return ['failed', 'unreachable', 'incomplete'].indexOf(statusOf(host, report))
}

function paintHost(host: HostReport, report: RunReport, paint: Paint, name: string): string {
  switch (statusOf(host, report)) {
    case 'ok':
      return paint('green', name)
    case 'changed':
    case 'pending':
    case 'rolled-back':
      return paint('yellow', name)
    default:
      return paint('red', name)
  }
}
