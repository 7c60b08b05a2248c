import type { HostFacts } from '../facts/host-facts.ts'
import { podNetworks } from '../facts/pod-networks.ts'
import type { HostState } from '../facts/state.ts'
import type { Intent } from '../guard/intent.ts'
import type { Inventory, InventoryHost } from '../inventory/inventory.ts'
import { setMembers } from '../inventory/members.ts'
import { type Plan, planHost } from '../plan/plan.ts'
import type { Finding } from '../preflight/check.ts'
import { findings, type Purpose, preliminaryFindings } from '../preflight/preflight.ts'
import { inTurn } from '../turns.ts'
import type { InterfacesOf } from './choose-interface.ts'
import type { OpenedHost } from './open-hosts.ts'
import type { Run } from './run.ts'

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

/** Says what the inventory wants of a host, given how it was read. */
export type IntentOf = (opened: OpenedHost, state: HostState) => Intent

/** Plans for every host that could be read, and asks every check. */
export async function examineHosts(
  opened: readonly OpenedHost[],
  intentOf: IntentOf,
  purpose: Purpose,
  inventory: Inventory,
  run: Run,
): Promise<readonly ExaminedHost[]> {
  const names = opened.flatMap(({ host, facts }) => (facts ? [host.name] : []))
  run.emit({ kind: 'phase-started', phase: 'preflight', hosts: names.length, names })
  const examine = async (one: OpenedHost): Promise<ExaminedHost> => {
    const host = await examineHost(one, intentOf, purpose, inventory)
    if (!one.facts) return host
    const failure = host.findings.find(isFailure)?.result
    const detail = failure && failure.kind !== 'pass' ? { detail: failure.reason } : {}
    run.emit({
      kind: 'host-done',
      phase: 'preflight',
      host: one.host.name,
      ok: !failure,
      ...detail,
    })
    return host
  }
  const examined = await Promise.all(opened.map(examine))
  run.emit({ kind: 'phase-ended', phase: 'preflight' })
  return examined
}

/** Plans for one host, if it could be read, and asks every check about it. */
export async function examineHost(
  opened: OpenedHost,
  intentOf: IntentOf,
  purpose: Purpose,
  inventory: Inventory,
): Promise<ExaminedHost> {
  const { facts } = opened
  if (!facts) return { ...opened, examined: undefined }
  return inTurn(() => examineFacts(opened, facts, intentOf, purpose, inventory))
}

function examineFacts(
  opened: OpenedHost,
  facts: HostFacts,
  intentOf: IntentOf,
  purpose: Purpose,
  inventory: Inventory,
): ExaminedHost {
  const { host } = opened
  const preliminary = preliminaryFindings(facts, purpose)
  const first = [...opened.findings, ...preliminary]
  if (facts.state.kind === 'unreadable' || preliminary.some(isFailure)) {
    return { ...opened, findings: first, examined: undefined }
  }
  const state = facts.state.value
  const intent = intentOf(opened, state)
  const plan = planHost(facts.lockHolder ? withoutAside(state) : state, intent)
  const peers = inventory.nodes
    .filter(({ name }) => name !== host.name)
    .flatMap(({ settings }) => settings.addresses.slice(0, 1))
  const all = [...first, ...findings({ host, facts, state, intent, plan, peers }, purpose)]
  return { ...opened, findings: all, examined: { state, intent, plan } }
}

/** The name under which the agent keeps a set aside while it changes a host (agent.sh). */
const aside = 'fw-run-aside'

/** A host without what the run that holds it keeps aside: to that run it is of use, so nobody is to clear it away. */
function withoutAside(state: HostState): HostState {
  return { ...state, sets: new Map([...state.sets].filter(([name]) => name !== aside)) }
}

function isFailure({ result }: Finding): boolean {
  return result.kind === 'fail'
}

/** The intent to protect hosts as the inventory says. */
export function toProtect(inventory: Inventory, interfacesOf: InterfacesOf): IntentOf {
  return ({ host, facts }, state) => {
    const { set, action, published, position, podCidrs } = host.settings
    return {
      kind: 'protect',
      set,
      members: setMembers(inventory, host),
      interfaces: interfacesOf(host),
      action,
      published,
      position,
      network: { interfaces: facts?.interfaces ?? [], routes: facts?.routes ?? [] },
      podCidrs:
        podCidrs.length > 0
          ? podCidrs
          : podNetworks(state, facts?.flannelNetwork, facts?.routes ?? []),
    }
  }
}

/** The intent to take set and rule off hosts. */
export function toRemove({ host }: { readonly host: InventoryHost }): Intent {
  return { kind: 'remove', set: host.settings.set }
}
