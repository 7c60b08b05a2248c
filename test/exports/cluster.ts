import { checkList } from '../../src/check-names/check-list.ts'
import type { RunDocument } from '../../src/exports/document.ts'
import { findGuards } from '../../src/guard/forward-rule.ts'
import type { HostReport } from '../../src/outcomes/run-report.ts'
import { planHost } from '../../src/plan/plan.ts'
import type { Finding } from '../../src/preflight/check.ts'
import { forward, hostState, intent } from '../plan/host-state.ts'
import { failed, hostReport, runReport, unreached } from '../report/run.ts'
import { documentOf } from './document.ts'

/** What an enemy of the reader would write into a comment of a rule, or into any text that a host sends. */
export const hostile =
  '</code></script><script>document.title="owned"</script><img src=x onerror=document.title="owned"> "\'&lt; \u202e\u001b[2J'

const state = hostState(forward())
const plan = planHost(state, intent)
const placed = plan.kind === 'planned' ? plan : undefined

const warning: Finding = {
  id: 'cluster-ips',
  result: {
    kind: 'warn',
    reason: 'outsiders can reach services through this node, for example 10.43.0.80:80',
    remedy: 'Set fw_guard: auto.',
  },
}

const passes = Object.keys(checkList).slice(0, 32) as (keyof typeof checkList)[]
const all: readonly Finding[] = [
  ...passes.map((id): Finding => ({ id, result: { kind: 'pass' } })),
  warning,
  { id: 'pod-sources', result: { kind: 'unjudged', reason: 'no pod runs here yet' } },
]

function changed(host: string, index: number): HostReport {
  return hostReport(host, {
    address: `192.0.${2 + (index >> 8)}.${index % 256}`,
    ...{ findings: all, changes: placed?.changes ?? [], placement: placed?.placement },
    guards: findGuards(state.ruleset, 'cluster_nodes'),
    rejected: { packets: BigInt(index * 1234), bytes: BigInt(index) * 987_654n },
    notes: placed?.notes ?? [],
    outcome: { kind: 'committed' },
  })
}

/** An `apply` over so many hosts, with some in trouble and one that is hostile. */
export function clusterDocument(count: number): RunDocument {
  const hosts = Array.from({ length: count }, (_, index) =>
    changed(`node${`${index + 1}`.padStart(3, '0')}`, index),
  )
  const [first, second, ...rest] = hosts
  if (!first || !second) throw new Error('A cluster has two hosts at least.')
  const evil = {
    ...second,
    findings: [...all, failed('calico', hostile, hostile)],
    notes: [hostile],
  }
  const report = runReport('rolled-back', [first, evil, ...rest], {
    objections: [{ kind: 'unanswered', host: first.host, reason: `no banner: ${hostile}` }],
    warnings: [`inventory.yaml:3:5: ${hostile}`],
    probes: [
      {
        probe: { kind: 'tcp', host: '192.0.2.11', port: 6443 },
        places: ['inventory.yaml:9:7'],
        before: { kind: 'passed' },
        after: { kind: 'failed', reason: 'connection refused' },
      },
    ],
  })
  const gone = hostReport('gone', unreached(failed('connection', 'no route to host')))
  const time = (second: number): string => `2026-11-23T04:15:0${second.toFixed(3)}Z`
  const document = documentOf({ ...report, hosts: [...report.hosts, gone] }, [
    { time: time(0), kind: 'phase-started', phase: 'connect', count },
    {
      time: time(0.3),
      kind: 'host-done',
      phase: 'connect',
      host: 'gone',
      ok: false,
      detail: hostile,
    },
    { time: time(0.5), kind: 'phase-ended', phase: 'connect' },
    { time: time(0.5), kind: 'phase-started', phase: 'preflight', count },
    { time: time(0.7), kind: 'phase-ended', phase: 'preflight' },
    { time: time(0.8), kind: 'phase-started', phase: 'apply', count },
    { time: time(1.2), kind: 'phase-ended', phase: 'apply' },
    { time: time(1.2), kind: 'decided' },
  ])
  const [chain, ...chains] = document.forward
  if (!chain) throw new Error('There is a chain.')
  const rules = [...chain.rules, `-A FORWARD -m comment --comment "${hostile}" -j ACCEPT`]
  return { ...document, forward: [{ ...chain, rules, count: rules.length }, ...chains] }
}
