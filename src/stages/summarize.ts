import { findGuards } from '../guard/guard.ts'
import { noJournal } from '../journal/journal.ts'
import { stopped } from '../outcomes/probe-policy.ts'
import { failures, type HostReport, type RunReport } from '../outcomes/run-report.ts'
import type { TriedProbe } from '../probes/tried-probe.ts'
import type { TransactionResult } from '../transaction/outcome.ts'
import type { ExaminedHost } from './examine.ts'
import type { Run } from './run.ts'
import type { Selection } from './select-hosts.ts'

/** What came of a run beside what was found on its hosts, and how to show it. */
interface Came {
  readonly transaction?: TransactionResult
  readonly probes?: readonly TriedProbe[]
  readonly asked?: boolean
  readonly diff: boolean
}

/** What a run came to, for hosts that were examined and, where it came to that, changed. */
export function reportRun(
  run: Run,
  { inventory, hosts: selected, unfinished }: Selection,
  hosts: readonly ExaminedHost[],
  { transaction, probes = [], asked = false, diff }: Came,
): RunReport {
  const reports = hosts.map((host) => reportHost(host, transaction))
  return {
    command: run.command,
    run: run.journal === noJournal ? undefined : run.id,
    kind: kindOf(run, reports, probes, transaction),
    hosts: reports,
    probes,
    objections: transaction?.objections ?? [],
    warnings: inventory.warnings,
    unfinished,
    asked,
    leftOut: inventory.protectedHosts
      .filter((host) => !selected.includes(host))
      .map(({ name }) => name),
    diff,
  }
}

function kindOf(
  run: Run,
  reports: readonly HostReport[],
  probes: readonly TriedProbe[],
  transaction: TransactionResult | undefined,
): RunReport['kind'] {
  if (transaction) return transaction.kind === 'committed' ? 'done' : transaction.kind
  if (run.signal.aborted) return 'interrupted'
  if (reports.some((report) => failures(report).length > 0)) return 'refused'
  if (stopped(run.command, probes)) return 'refused'
  return reports.some(({ changes }) => changes.length > 0) ? 'pending' : 'done'
}

function reportHost(
  { host, link, facts, findings, examined }: ExaminedHost,
  transaction: TransactionResult | undefined,
): HostReport {
  const result = transaction?.hosts.find((one) => one.host === host.name)
  const plan = examined?.plan
  const holder = facts?.lockHolder
  const failed = findings.some(({ result }) => result.kind === 'fail')
  const guards = examined ? findGuards(examined.state.ruleset, examined.intent.set) : []
  const counters = guards.flatMap(({ rule }) => rule.counters ?? [])
  return {
    host: host.name,
    address: host.address,
    findings,
    known: examined !== undefined,
    heldBy: holder,
    changes: plan?.kind === 'planned' ? plan.changes : [],
    notes: [
      ...(facts?.note ? [facts.note] : []),
      ...(holder && !failed
        ? [`held by ${holder}: what that has changed may yet be taken back`]
        : []),
      ...(plan?.kind === 'planned' ? plan.notes : []),
      ...(result?.outcome.left && result.outcome.kind !== 'incomplete'
        ? [`not cleared away: ${result.outcome.left}`]
        : []),
    ],
    place: plan?.kind === 'planned' ? plan.placement : undefined,
    guards,
    turnedAway:
      counters.length === 0
        ? undefined
        : {
            packets: counters.reduce((sum, { packets }) => sum + packets, 0n),
            bytes: counters.reduce((sum, { bytes }) => sum + bytes, 0n),
          },
    requests: link?.agent.requests() ?? 0,
    outcome: result?.outcome,
    fault: result?.fault,
  }
}
