import pLimit from 'p-limit'
import { asideSet, asideSet6 } from '../agent/names.ts'
import type { OpenCluster } from '../cluster/open-cluster.ts'
import { type OpenedHost, readHostAgain } from '../cluster/open-hosts.ts'
import type { RunEvent } from '../events.ts'
import type { HostFacts } from '../facts/host-facts.ts'
import type { HostState } from '../facts/state.ts'
import type { Intent } from '../guard/intent.ts'
import type { Inventory } from '../inventory/inventory.ts'
import { mayMeetLeftOut } from '../placement/left-out-rules.ts'
import { preparePosition } from '../placement/placement.ts'
import { type Plan, planHost } from '../plan/plan.ts'
import { type Finding, ownFault } from '../preflight/check.ts'
import { findingsInPieces, type Purpose, preliminaryFindings } from '../preflight/preflight.ts'
import type { Run } from '../runs/run.ts'
import { inTurn, inTurns } from '../waiting/event-loop-turn.ts'
import { otherGuard } from './examining/other-guard.ts'
import { peersOf } from './examining/peers-of.ts'
import type { Goal } from './goal.ts'

/** What a host should be, what it is, and the difference. */
export interface Examined {
  readonly state: HostState
  readonly intent: Intent
  readonly plan: Plan
}

/** An opened host after all checks; `examined` is there once its rules could be read. */
export interface ExaminedHost extends OpenedHost {
  readonly examined: Examined | undefined
}

/** An open cluster after all checks: what they were asked for, what is wanted, and how each host was found. */
export interface ExaminedCluster extends OpenCluster {
  readonly purpose: Purpose
  readonly goal: Goal
  readonly examined: readonly ExaminedHost[]
}

const one = pLimit(1)

/** Plans for every host that could be read, and asks every check. */
export async function examineHosts(
  cluster: OpenCluster,
  goal: Goal,
  purpose: Purpose,
  run: Run,
): Promise<ExaminedCluster> {
  const { opened, inventory } = cluster
  const names = opened.flatMap(({ host, facts }) => (facts ? [host.name] : []))
  run.emit({ kind: 'phase-started', phase: 'preflight', hosts: names.length, names })
  const examined = await Promise.all(
    opened.map(async (found) => {
      const host = await examineHost(found, goal, purpose, inventory, run.signal)
      if (found.facts && !run.signal.aborted) run.emit(hostDone(host))
      return host
    }),
  )
  run.emit({ kind: 'phase-ended', phase: 'preflight' })
  return { ...cluster, purpose, goal, examined }
}

function hostDone({ host, findings: found }: ExaminedHost): RunEvent {
  const done = { kind: 'host-done', phase: 'preflight', host: host.name } as const
  const result = found.find(isFailure)?.result
  return result?.kind === 'fail'
    ? { ...done, ok: false, detail: result.reason }
    : { ...done, ok: true }
}

/**
 * Plans for one host, if it could be read, and asks every check about it, unless the signal is aborted meanwhile: one host after
 * the other, because each takes much memory. What throws there costs this host only.
 */
export async function examineHost(
  opened: OpenedHost,
  goal: Goal,
  purpose: Purpose,
  inventory: Inventory,
  signal?: AbortSignal,
): Promise<ExaminedHost> {
  const { facts } = opened
  if (!facts) return { ...opened, examined: undefined }
  try {
    return await one(() => examineFacts(opened, facts, goal, purpose, inventory, signal))
  } catch (error) {
    const own = { id: 'facts', result: ownFault(error, opened.host.name) } as const
    return { ...opened, findings: [...opened.findings, own], examined: undefined }
  }
}

/** `whole`: the host was asked for all its rules. In several turns: on a host with many rules each may take a second, and Ctrl-C is heard between them. */
async function examineFacts(
  opened: OpenedHost,
  facts: HostFacts,
  goal: Goal,
  purpose: Purpose,
  inventory: Inventory,
  signal?: AbortSignal,
  whole = false,
): Promise<ExaminedHost> {
  const { host } = opened
  const peers = peersOf(inventory, host)
  const instead = otherGuard(opened, facts, goal, peers)
  const preliminary = await inTurn(() =>
    preliminaryFindings(facts, purpose, host.settings.guard, instead),
  )
  const first = [...opened.findings, ...preliminary]
  const left = { ...opened, findings: first, examined: undefined }
  const { state: read, network } = facts
  if (read.kind !== 'read' || network.kind !== 'read' || preliminary.some(isFailure)) {
    return left
  }
  if (signal?.aborted) return left
  const state = read.value
  const intent = await inTurn(() => goal.intentOf(opened, state, network.value))
  if (!whole && intent.kind === 'forward' && mayMeetLeftOut(state, intent)) {
    const again = await readHostAgain(opened, true)
    const all = { ...(again.facts ?? facts), lockHolder: facts.lockHolder }
    return examineFacts({ ...again, facts: all }, all, goal, purpose, inventory, signal, true)
  }
  const planned = facts.lockHolder ? withoutAside(state) : state
  if (intent.kind === 'forward') await inTurns(() => preparePosition(planned, intent))
  if (signal?.aborted) return left
  const plan = await inTurn(() => planHost(planned, intent))
  if (signal?.aborted) return left
  const subject = { host, facts, state, intent, plan, peers, instead }
  const all = [...first, ...(await inTurns(() => findingsInPieces(subject, purpose)))]
  return { ...opened, findings: all, examined: { state, intent, plan } }
}

/** A host without the sets that the run which holds it keeps aside. That run needs them, so they are no leftover. */
function withoutAside(state: HostState): HostState {
  const aside: readonly string[] = [asideSet, asideSet6]
  return { ...state, sets: new Map([...state.sets].filter(([name]) => !aside.includes(name))) }
}

function isFailure({ result }: Finding): boolean {
  return result.kind === 'fail'
}
