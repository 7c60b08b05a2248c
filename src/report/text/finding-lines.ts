import { type Finding, titleOf } from '../../preflight/check.ts'
import { countHosts, groupHosts, hostList } from '../../text/host-list.ts'
import type { Paint } from '../../text/paint.ts'
import { padTo } from '../layout/columns.ts'
import { block } from '../layout/sections.ts'
import { forOne } from './equal-hosts.ts'
import { hostKeyTable } from './host-key-table.ts'

// The lines for findings of one check. A group is never empty, unless a function says what it does then.

/** A finding, and the host that it is about. */
export interface HostFinding extends Finding {
  readonly host: string
  readonly address: string
}

/** What must be equal for findings to share their lines. */
export function keyOf({ id, result }: HostFinding): string {
  return JSON.stringify([id, result])
}

/** On how many hosts the check passes; nothing if on none. */
export function passedLine(findings: readonly HostFinding[], paint: Paint): readonly string[] {
  const passed = findings.filter(({ result }) => result.kind === 'pass')
  if (passed.length === 0) return []
  return [`${paint('green', 'ok  ')}  ${padTo(titleFor(passed), 42)} ${countHosts(passed.length)}`]
}

/** A warning or failure of equal hosts: what is so, and what to do. */
export function troubleLines(group: readonly HostFinding[], paint: Paint): readonly string[] {
  const result = group[0]?.result
  if (result?.kind !== 'warn' && result?.kind !== 'fail') return []
  const reasons = [result.reason, ...forOne(group, keyOf)]
  return [
    headline(group, paint),
    ...block(reasons.join('\n'), '      '),
    ...block(result.remedy, '   -> '),
  ]
}

/** One table for hosts whose keys are unknown, because all need the same; nothing for none. */
export function unknownKeyLines(hosts: readonly HostFinding[], paint: Paint): readonly string[] {
  const keys = hosts.flatMap(({ unknownKey }) => unknownKey ?? [])
  return keys.length === 0 ? [] : [headline(hosts, paint), ...hostKeyTable(keys)]
}

/** The hosts of findings that are not shown, because there are too many different ones; nothing for none. */
export function unshownLines(findings: readonly HostFinding[], paint: Paint): readonly string[] {
  return findings.length === 0
    ? []
    : [headline(findings, paint), '      each host has its own reason: -v shows all']
}

/** The warnings that the inventory accepts in one quiet line, so that nobody forgets them; nothing for none. */
export function acceptedLines(findings: readonly HostFinding[], paint: Paint): readonly string[] {
  const accepted = findings.filter((one) => one.accepted)
  if (accepted.length === 0) return []
  return [paint('dim', `warn  ${titleFor(accepted)}: ${namesOf(accepted)} (accepted by fw_accept)`)]
}

/** Hosts for which the check has no result, and why; nothing for none. */
export function unjudgedLines(findings: readonly HostFinding[]): readonly string[] {
  const unjudged = findings.flatMap((one) =>
    one.result.kind === 'unjudged' ? [{ ...one, reason: one.result.reason }] : [],
  )
  return [...groupHosts(unjudged, ({ reason }) => reason)].flatMap(([reason, group]) => [
    // The title alone would read as if the check had passed.
    `-     not checked on ${namesOf(group)}: "${titleFor(group)}"`,
    `      because ${reason}`,
  ])
}

function headline(group: readonly HostFinding[], paint: Paint): string {
  const fails = group.some(({ result }) => result.kind === 'fail')
  const word = fails ? paint('red', 'FAIL') : paint('yellow', 'warn')
  return `${word}  ${titleFor(group)}: ${namesOf(group)}`
}

function titleFor([first]: readonly HostFinding[]): string {
  return first ? titleOf(first) : ''
}

function namesOf(group: readonly HostFinding[]): string {
  return hostList(group.map(({ host }) => host))
}
