import type { CheckId } from '../../src/check-names/check-list.ts'
import { findGuards } from '../../src/guard/forward-rule.ts'
import type { HostReport, RunReport } from '../../src/outcomes/run-report.ts'
import type { Change } from '../../src/plan/change.ts'
import { planHost } from '../../src/plan/plan.ts'
import type { Finding } from '../../src/preflight/check.ts'
import { exactSet, forward, guard, hostState, intent } from '../plan/host-state.ts'

export { noPaint } from '../../src/text/paint.ts'

function changesOn(state: ReturnType<typeof hostState>): readonly Change[] {
  const plan = planHost(state, intent)
  return plan.kind === 'planned' ? plan.changes : []
}

export const fresh = changesOn(hostState(forward()))
export const drifted = changesOn(hostState(forward([2, guard]), exactSet.replace('.12', '.99')))
export const guards = findGuards(hostState(forward([4, guard])).ruleset, 'cluster_nodes')

export const passed: Finding = { id: 'connection', result: { kind: 'pass' } }

/** A finding that stops a run. */
export function failed(id: CheckId, reason = 'It is so.', remedy = 'Mend it.'): Finding {
  return { id, result: { kind: 'fail', reason, remedy } }
}

/** What a host is like that this finding kept us from. */
export function unreached(finding: Finding): Partial<HostReport> {
  return { findings: [{ ...finding, unreachable: true }], known: false }
}

/** A host on which all was well and nothing was to be done, but for what is given. */
export function hostReport(host: string, given: Partial<HostReport> = {}): HostReport {
  return {
    host,
    address: '192.0.2.11',
    findings: [passed],
    known: true,
    heldBy: undefined,
    changes: [],
    notes: [],
    placement: undefined,
    guards: [],
    rejected: undefined,
    requests: 3,
    outcome: undefined,
    fault: undefined,
    ...given,
  }
}

/** What tells the commands apart that make such reports. */
export const ofApply = { command: 'apply', purpose: 'change', goal: 'protect' } as const
export const ofRemove = { command: 'remove', purpose: 'change', goal: 'remove' } as const
export const ofStatus = { command: 'status', purpose: 'look', goal: 'protect' } as const
export const ofPreflight = { command: 'preflight', purpose: 'audit', goal: 'protect' } as const

/** A run of `apply` over these hosts, but for what is given. */
export function runReport(
  kind: RunReport['kind'],
  hosts: readonly HostReport[],
  given: Partial<RunReport> = {},
): RunReport {
  return {
    ...ofApply,
    inventory: '/home/ops/inventory.yaml',
    run: 'r1',
    kind,
    hosts,
    probes: [],
    objections: [],
    warnings: [],
    unfinished: [],
    asked: false,
    waves: [],
    leftOut: [],
    diff: false,
    ...given,
  }
}

/** Names `node01` to `nodeNN`. */
export function names(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `node${`${i + 1}`.padStart(2, '0')}`)
}
