import { acceptableChecks } from '../../check-names/acceptable-checks.ts'
import { isOpenWarning, type RunReport } from '../../outcomes/run-report.ts'
import { groupHosts } from '../../text/host-list.ts'
import type { Paint } from '../../text/paint.ts'
import { groupEqual } from './equal-hosts.ts'
import {
  acceptedLines,
  type HostFinding,
  keyOf,
  passedLine,
  troubleLines,
  unjudgedLines,
  unknownKeyLines,
  unshownLines,
} from './finding-lines.ts'

/** What to show: `all` also checks that pass, `verbose` every different finding of a check. */
export interface Wanted {
  readonly all: boolean
  readonly verbose: boolean
}

/** How many different findings of one check are shown, unless all are wanted. */
const maxShown = 4

/** What checks found, one check after the other; equal hosts share lines. */
export function checkLines(report: RunReport, wanted: Wanted, paint: Paint): readonly string[] {
  const found = findingsIn(report)
  const checks = [...groupHosts(found, ({ id }) => id).values()]
  const accept = wanted.all ? acceptHint(found, paint) : []
  return [...checks.flatMap((findings) => linesOfCheck(findings, wanted, paint)), ...accept]
}

/** How many different warnings checks gave, without those that the inventory accepts. */
export function countWarnings(report: RunReport): number {
  return groupEqual(findingsIn(report).filter(isOpenWarning), keyOf).length
}

function findingsIn({ hosts }: RunReport): readonly HostFinding[] {
  return hosts.flatMap(({ host, address, findings }) =>
    findings.map((finding) => ({ ...finding, host, address })),
  )
}

function linesOfCheck(
  findings: readonly HostFinding[],
  { all, verbose }: Wanted,
  paint: Paint,
): readonly string[] {
  const unknown = findings.filter(({ unknownKey }) => unknownKey)
  const tabled = unknown.length > 1 ? unknown : []
  const troubles = findings.filter((one) => isOpenWarning(one) || one.result.kind === 'fail')
  const groups = groupEqual(
    troubles.filter((one) => !tabled.includes(one)),
    keyOf,
  )
  const shown = verbose || groups.length <= maxShown + 1 ? groups.length : maxShown
  return [
    ...(all && troubles.length === 0 ? passedLine(findings, paint) : []),
    ...unknownKeyLines(tabled, paint),
    ...groups.slice(0, shown).flatMap((group) => troubleLines(group, paint)),
    ...unshownLines(groups.slice(shown).flat(), paint),
    ...acceptedLines(findings, paint),
    ...(all ? unjudgedLines(findings) : []),
  ]
}

/** How to accept the warnings that are known, so that new ones stand out. */
function acceptHint(found: readonly HostFinding[], paint: Paint): readonly string[] {
  const warned = new Set<string>(found.filter(isOpenWarning).map(({ id }) => id))
  // What known-nodes warns of does not stay: a node that leaves.
  const ids = acceptableChecks.filter((id) => warned.has(id) && id !== 'known-nodes')
  if (ids.length === 0) return []
  return [paint('dim', `      To accept known warnings: fw_accept: [${ids.join(', ')}]`)]
}
