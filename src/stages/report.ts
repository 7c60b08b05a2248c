import { nameHolder } from '../agent/holder.ts'
import { describeNote } from '../agent/host-note.ts'
import type { Selection } from '../cluster/select-hosts.ts'
import type { ChosenGuard } from '../facts/chosen-guard.ts'
import type { HostState } from '../facts/state.ts'
import { findGuards } from '../guard/forward-rule.ts'
import { droppedBy, isOurChain } from '../guard/mangle-chain.ts'
import { countersOf, isOurs } from '../guard/nft-table.ts'
import { chainOf } from '../guard/standing-chain.ts'
import { families } from '../ip/dual.ts'
import type { NftTable } from '../nft/printed-table.ts'
import { isStoppedByProbe } from '../outcomes/probe-policy.ts'
import { protectionOf } from '../outcomes/protection.ts'
import { failures, type HostReport, type RunReport } from '../outcomes/run-report.ts'
import type { TriedProbe } from '../probes/tried-probe.ts'
import type { Run } from '../runs/run.ts'
import type { HostResult, TransactionResult } from '../transaction/outcome.ts'
import type { ExaminedCluster, ExaminedHost } from './examine.ts'
import type { Goal } from './goal.ts'
import { plannedWaves } from './planned-waves.ts'

/** What there is to report beside how hosts were found. */
interface Results {
  readonly probes?: readonly TriedProbe[]
  readonly transaction?: TransactionResult
  readonly asked?: boolean
  /** The waves, by the names of their hosts; unset: as they would be now. */
  readonly waves?: RunReport['waves']
  /** Whether to show the changes as rules. */
  readonly diff: boolean
}

/** What a run came to: how its hosts were found and, if there was a transaction, how they came out of it. */
export function reportOn(
  cluster: Selection &
    Pick<ExaminedCluster, 'purpose' | 'examined' | 'tolerated'> & { goal: Pick<Goal, 'kind'> },
  { probes = [], transaction, asked = false, diff, waves = plannedWaves(cluster) }: Results,
  run: Run,
): RunReport {
  const { inventory, purpose, goal } = cluster
  const absent = (cluster.tolerated ?? []).map((one) => ({ ...one, examined: undefined }))
  const reported = new Set([...cluster.hosts, ...absent.map(({ host }) => host)].map(nameOf))
  const results = new Map(transaction?.hosts.map((one) => [one.host, one]))
  const hosts = [
    ...cluster.examined.map((host) => reportHost(host, results.get(host.host.name))),
    ...absent.map((one) => ({
      ...reportHost(one, undefined),
      tolerated: true as const,
      ...(!inventory.hosts.some(({ name }) => name === one.host.name) && { leaves: true as const }),
    })),
  ]
  const found = { purpose, goal: goal.kind, hosts, probes }
  return {
    ...found,
    command: run.command,
    run: run.journal.isBegun() ? run.id : undefined,
    kind: transaction ? kindOf(transaction) : kindOfFound(found, run.signal.aborted),
    objections: transaction?.objections ?? [],
    inventory: inventory.origin,
    warnings: inventory.warnings,
    unfinished: cluster.unfinished,
    asked,
    leftOut: inventory.hostsToProtect.map(nameOf).filter((name) => !reported.has(name)),
    waves: waves.length > 1 ? waves : [],
    first: cluster.serial?.first,
    reached: transaction?.reached,
    diff,
  }
}

function nameOf({ name }: { readonly name: string }): string {
  return name
}

function kindOf({ kind }: TransactionResult): RunReport['kind'] {
  return kind === 'committed' ? 'done' : kind
}

/** What a run came to that has changed nothing. */
function kindOfFound(
  report: Pick<RunReport, 'purpose' | 'goal' | 'hosts' | 'probes'>,
  interrupted: boolean,
): RunReport['kind'] {
  if (interrupted) return 'interrupted'
  if (report.hosts.some((host) => !host.tolerated && failures(host).length > 0)) return 'refused'
  if (isStoppedByProbe(report)) return 'refused'
  if (report.purpose === 'audit') return 'audited'
  const isAsWanted = (host: HostReport): boolean =>
    report.purpose === 'look' && report.goal === 'protect' && host.known
      ? protectionOf(host) === 'protected'
      : host.changes.length === 0
  return report.hosts.every(isAsWanted) ? 'done' : 'pending'
}

/** What is certain about a host although something could not be cleared away there. */
const ends = {
  committed: 'the change is done.',
  'rolled-back': 'the change is rolled back.',
  untouched: 'nothing was changed.',
} as const

function reportHost(
  { host, link, facts, findings, examined }: ExaminedHost,
  result: HostResult | undefined,
): HostReport {
  const plan = examined?.plan
  const holder = facts?.lockHolder
  const failed = findings.some(({ result }) => result.kind === 'fail')
  const guards = examined ? findGuards(examined.state.ruleset, examined.intent.set) : []
  const table = ourTable(examined?.state)
  const chains = ourChains(examined?.state)
  const counters = [
    ...guards.flatMap(({ rule }) => rule.counters ?? []),
    ...(table ? Object.values(countersOf(table)) : []),
    ...chains.flatMap(({ chain }) => droppedBy(chain)),
  ]
  return {
    host: host.name,
    address: host.address,
    findings,
    known: examined !== undefined,
    heldBy: holder,
    changes: plan?.kind === 'planned' ? plan.changes : [],
    notes: [
      ...(facts?.note ? [`run ${facts.note.run}: this host ${describeNote(facts.note)}`] : []),
      ...(holder && !failed
        ? [
            `${nameHolder(holder)} holds this host, and may still roll back its change. Run \`fw-run status\` again later`,
          ]
        : []),
      ...(facts?.chosenGuard ? [describeChoice(facts.chosenGuard)] : []),
      ...(plan?.kind === 'planned' ? plan.notes : []),
      ...(result?.outcome.left && result.outcome.kind !== 'incomplete'
        ? [
            `${ends[result.outcome.kind]} But not everything worked: ${result.outcome.left}. \`fw-run status\` shows whether something is left`,
          ]
        : []),
    ],
    ...(examined?.intent.kind === 'remove' && { leaves: true }),
    placement: plan?.kind === 'planned' ? plan.placement : undefined,
    guards,
    table,
    chains,
    rejected:
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

function describeChoice({ kind, reason }: ChosenGuard): string {
  return kind === 'nft'
    ? 'fw_guard: auto chose the guard nft'
    : `fw_guard: auto chose the guard mangle, because nft cannot create the table of fw-run here: ${reason}`
}

function ourChains(state: HostState | undefined): NonNullable<HostReport['chains']> {
  if (!state) return []
  return families.flatMap((family) => {
    const chain = chainOf(state, family)
    return chain && isOurChain(chain) ? [{ family, chain }] : []
  })
}

function ourTable(state: HostState | undefined): NftTable | undefined {
  return state?.table && isOurs(state.table) ? state.table : undefined
}
