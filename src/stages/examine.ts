import { asideSet } from '../agent/names.ts'
import type { OpenCluster } from '../cluster/open-cluster.ts'
import type { OpenedHost } from '../cluster/open-hosts.ts'
import { inTurn } from '../event-loop-turn.ts'
import type { RunEvent } from '../events.ts'
import type { HostFacts } from '../facts/host-facts.ts'
import type { HostNetwork } from '../facts/host-network.ts'
import { podNetworks } from '../facts/pod-networks.ts'
import type { HostState } from '../facts/state.ts'
import type { Intent } from '../guard/intent.ts'
import type { Inventory } from '../inventory/inventory.ts'
import { setMembers } from '../inventory/members.ts'
import { prepareHost } from '../placement/placement.ts'
import { type Plan, planHost } from '../plan/plan.ts'
import { type Finding, ownFault } from '../preflight/check.ts'
import { findings, type Purpose, preliminaryFindings } from '../preflight/preflight.ts'
import type { Run } from '../runs/run.ts'
import type { InterfacesOf } from './choose-interface.ts'

/** What a host shall be, what it is, and what lies between. */
export interface Examined {
  readonly state: HostState
  readonly intent: Intent
  readonly plan: Plan
}

/** An opened host after all checks; `examined` is there once its rules could be read. */
export interface ExaminedHost extends OpenedHost {
  readonly examined: Examined | undefined
}

/** What a run wants of all hosts, and so of each, given how that was read. */
export interface Goal {
  readonly kind: Intent['kind']
  readonly intentOf: (opened: OpenedHost, state: HostState, network: HostNetwork) => Intent
}

/** An open cluster after all checks: what they were asked for, what is wanted, and how each host was found. */
export interface ExaminedCluster extends OpenCluster {
  readonly purpose: Purpose
  readonly goal: Goal
  readonly examined: readonly ExaminedHost[]
}

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
    opened.map(async (one) => {
      const host = await examineHost(one, goal, purpose, inventory, run.signal)
      if (one.facts && !run.signal.aborted) run.emit(hostDone(host))
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
 * Plans for one host, if it could be read, and asks every check about it, unless the signal is aborted meanwhile. What throws
 * there costs this host only.
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
    return await examineFacts(opened, facts, goal, purpose, inventory, signal)
  } catch (error) {
    const own = { id: 'facts', result: ownFault(error) } as const
    return { ...opened, findings: [...opened.findings, own], examined: undefined }
  }
}

/** In several turns: on a host with many rules each may take a second, and Ctrl-C is heard between them. */
async function examineFacts(
  opened: OpenedHost,
  facts: HostFacts,
  goal: Goal,
  purpose: Purpose,
  inventory: Inventory,
  signal?: AbortSignal,
): Promise<ExaminedHost> {
  const { host } = opened
  const preliminary = await inTurn(() => preliminaryFindings(facts, purpose))
  const first = [...opened.findings, ...preliminary]
  const left = { ...opened, findings: first, examined: undefined }
  const { state: read, network } = facts
  if (read.kind !== 'read' || network.kind !== 'read' || preliminary.some(isFailure)) {
    return left
  }
  if (signal?.aborted) return left
  const state = read.value
  const intent = await inTurn(() => goal.intentOf(opened, state, network.value))
  const planned = facts.lockHolder ? withoutAside(state) : state
  if (intent.kind === 'protect') await inTurn(() => prepareHost(planned, intent))
  if (signal?.aborted) return left
  const plan = await inTurn(() => planHost(planned, intent))
  const peers = inventory.nodes
    .filter(({ name }) => name !== host.name)
    .flatMap(({ settings }) => settings.addresses.slice(0, 1))
  if (signal?.aborted) return left
  const subject = { host, facts, state, intent, plan, peers }
  const all = [...first, ...(await inTurn(() => findings(subject, purpose)))]
  return { ...opened, findings: all, examined: { state, intent, plan } }
}

/** A host without the set that the run which holds it keeps aside. That run needs it, so it is no leftover. */
function withoutAside(state: HostState): HostState {
  return { ...state, sets: new Map([...state.sets].filter(([name]) => name !== asideSet)) }
}

function isFailure({ result }: Finding): boolean {
  return result.kind === 'fail'
}

/** The goal to protect hosts as the inventory says. */
export function toProtect(inventory: Inventory, interfacesOf: InterfacesOf): Goal {
  return {
    kind: 'protect',
    intentOf({ host, facts }, state, network) {
      const { set, action, published, position, podCidrs } = host.settings
      return {
        kind: 'protect',
        ...{ set, action, published, position },
        members: setMembers(inventory, host),
        interfaces: interfacesOf(host),
        network,
        podCidrs:
          podCidrs.length > 0
            ? podCidrs
            : podNetworks(state, facts?.flannelNetwork, network.routes),
      }
    },
  }
}

/** The goal to remove set and rule from hosts. */
export const toRemove: Goal = {
  kind: 'remove',
  intentOf: ({ host }) => ({ kind: 'remove', set: host.settings.set }),
}
