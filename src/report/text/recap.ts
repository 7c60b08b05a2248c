import { seenProtection } from '../../outcomes/protection.ts'
import {
  changesOfRun,
  failures,
  type HostReport,
  isGuarded,
  isOpenWarning,
  isUnseen,
  type RunReport,
  statusOf,
} from '../../outcomes/run-report.ts'
import { compactNames, countHosts, groupHosts } from '../../text/host-list.ts'
import type { Paint } from '../../text/paint.ts'
import { protectionWords } from '../../words/protection.ts'
import { inColumns, padTo } from '../layout/columns.ts'
import { describeChange } from './change-words.ts'

/** More equal lines than this are folded into one. */
const maxEqualLines = 20

/** The widest column of names: a longer name pushes its own line only. */
const maxNameWidth = 26

/** A line of the recap: one host, or many whose lines are equal. */
interface Row {
  readonly hosts: readonly HostReport[]
  readonly fields: string
}

/**
 * The recap: one line a host, in the order of the inventory, but with hosts in trouble last, next to the prompt. Many
 * equal lines are one. `changed` and `rolledback` count the lines that describe the change.
 */
export function recap(report: RunReport, paint: Paint): readonly string[] {
  const rows = rowsOf(report)
  const labels = rows.map(({ hosts: [first, ...rest] }) =>
    rest.length > 0 || !first ? countHosts(rest.length + 1) : first.host,
  )
  const width = Math.min(maxNameWidth, Math.max(...labels.map((label) => label.length), 4))
  return rows.flatMap(({ hosts, fields }, index) => {
    const label = padTo(labels[index] ?? '', width)
    const names = hosts.map(({ host }) => host)
    return [
      `${hosts[0] ? paintHost(hosts[0], report, paint, label) : label} : ${fields}`,
      ...(hosts.length > 1 ? [`    ${compactNames(names).join(', ')}`] : []),
    ]
  })
}

function rowsOf(report: RunReport): readonly Row[] {
  const fieldsOf = report.purpose === 'look' ? statusFields : changeFields
  const ranks = new Map(report.hosts.map((host) => [host, trouble(host, report)]))
  const hosts = report.hosts.toSorted((a, b) => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0))
  const lines = inColumns(
    hosts.map((host) => fieldsOf(host, report)),
    ' ',
  )
  const rows = hosts.map((host, index) => ({ host, fields: (lines[index] ?? '').trimEnd() }))
  const key = ({ host, fields }: (typeof rows)[number]): string =>
    `${statusOf(host, report)} ${fields}`
  return [...groupHosts(rows, key).values()].flatMap((group): readonly Row[] => {
    const [first] = group
    if (!first || group.length <= maxEqualLines) {
      return group.map(({ host, fields }) => ({ hosts: [host], fields }))
    }
    return [{ hosts: group.map(({ host }) => host), fields: first.fields }]
  })
}

function changeFields(host: HostReport, report: RunReport): readonly string[] {
  const state = statusOf(host, report)
  const objections = report.objections.filter((one) => one.host === host.host).length
  const failed = failures(host).length + (host.fault ? 1 : 0) + objections
  const unreachable = state === 'unreachable' || state === 'left-out' || isLost(host) ? 1 : 0
  const fields = {
    ok: host.findings.filter(({ result }) => result.kind === 'pass').length,
    changed: host.outcome?.kind === 'committed' ? countLines(host) : 0,
    warned: host.findings.filter(isOpenWarning).length,
    failed: Math.max(failed, state === 'incomplete' ? 1 : 0) - unreachable,
    unreachable,
    rolledback: host.outcome?.kind === 'rolled-back' ? countLines(host) : 0,
  }
  const wave = report.waves.findIndex((names) => names.includes(host.host)) + 1
  return [
    ...Object.entries(fields).map(([name, count]) => `${name}=${`${count}`.padEnd(3)}`),
    ...(report.waves.length > 0 ? [`wave=${wave || '-'}`] : []),
  ]
}

/** How many lines describe the change of a host. */
function countLines(host: HostReport): number {
  return changesOfRun(host).flatMap(describeChange).length
}

/** Whether nobody knows how a host stands because it could not be reached, or not be read, and it had no other fault. */
function isLost(host: HostReport): boolean {
  return isUnseen(host) && (host.fault === undefined || host.fault.kind === 'lost')
}

function statusFields(host: HostReport, report: RunReport): readonly string[] {
  const word = protectionWords[seenProtection(host, report)]
  if (!host.known || !isGuarded(host)) return [word]
  const { packets, bytes } = host.rejected ?? { packets: 0n, bytes: 0n }
  return [word.padEnd(11), guardOf(host), `packets=${`${packets}`.padEnd(6)}`, `bytes=${bytes}`]
}

/** Where our guard stands: the position of the rule, the table, the chain; more than one while another is left. */
function guardOf({ guards, table, chains = [] }: HostReport): string {
  const rules = guards.map(({ position }) => position).join(',')
  if (!table && chains.length === 0) return `rule=${rules.padEnd(3)}`
  return [
    ...(rules === '' ? [] : [`rule=${rules}`]),
    ...(table ? ['table=yes'] : []),
    ...(chains.length > 0 ? ['chain=yes'] : []),
  ].join(' ')
}

function trouble(host: HostReport, report: RunReport): number {
  return ['left-out', 'failed', 'unreachable', 'incomplete'].indexOf(statusOf(host, report))
}

function paintHost(host: HostReport, report: RunReport, paint: Paint, name: string): string {
  switch (statusOf(host, report)) {
    case 'ok':
      return paint('green', name)
    case 'changed':
    case 'pending':
    case 'rolled-back':
    case 'left-out':
      return paint('yellow', name)
    default:
      return paint('red', name)
  }
}
