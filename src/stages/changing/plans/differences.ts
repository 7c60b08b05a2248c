import { isDeepStrictEqual } from 'node:util'
import { hostList } from '../../../text/host-list.ts'
import { limitWithout } from '../../../text/limit-without.ts'
import type { Objection } from '../../../transaction/outcome.ts'
import type { ExaminedHost } from '../../examine.ts'
import type { SavedPlan } from './plan-file.ts'
import { plannedHost } from './planned-host.ts'

/**
 * What is no longer as a saved plan says: hosts that came or went, their addresses, what the inventory wants, how they are, or
 * what would be changed. A host that could not be planned for is not compared: its checks say why.
 */
export function differencesFrom(
  saved: SavedPlan,
  hosts: readonly ExaminedHost[],
): readonly Objection[] {
  const names = new Set(hosts.map(({ host }) => host.name))
  const gone = saved.plans.flatMap((plan) =>
    plan.hosts.flatMap(({ name }) => (names.has(name) ? [] : [name])),
  )
  const missing = `the plan has hosts that this run does not have: ${hostList(gone, 20)}`
  return [
    ...hosts.flatMap((host) => differenceOf(saved, host) ?? []),
    ...(gone.length > 0 ? [{ kind: 'plan', reason: missing } as const] : []),
  ]
}

/** How one host differs from a saved plan; undefined if it does not. */
export function differenceOf(saved: SavedPlan, one: ExaminedHost): Objection | undefined {
  const { name } = one.host
  const reasons = reasonsOf(saved, one)
  return reasons.length === 0 ? undefined : { kind: 'plan', host: name, reason: reasons.join('; ') }
}

function reasonsOf(saved: SavedPlan, one: ExaminedHost): readonly string[] {
  const planned = plannedHost(one)
  if (!planned) return []
  // As a reader of a plan file gets it.
  const now: typeof planned = JSON.parse(JSON.stringify(planned))
  const plan = saved.plans.find(({ hosts }) => hosts.some(({ name }) => name === now.host.name))
  const then = plan?.hosts.find(({ name }) => name === now.host.name)
  if (!plan || !then) {
    const wasDown = saved.leftOut.some(({ name }) => name === now.host.name)
    return [wasDown ? planLeavesOut(now.host.name) : 'the plan does not name this host']
  }
  // For another guard or set, other parts of the state were read.
  const isComparable = plan.intent.kind === now.intent.kind && plan.intent.set === now.intent.set
  const changed = Object.keys({ ...then.state, ...now.host.state }).filter(
    (part) => isComparable && then.state[part] !== now.host.state[part],
  )
  const reasons = [
    ...(then.address === now.host.address
      ? []
      : [`its address is now ${now.host.address}; in the plan it is ${then.address}`]),
    ...intentReasons(plan.intent, now.intent),
    ...(changed.length > 0 ? [`${since}: ${changed.join(', ')}`] : []),
  ]
  const same = isDeepStrictEqual(plan.changes, now.changes)
  return reasons.length > 0 || same ? reasons : ['the changes differ from the plan']
}

/** A host that was down when the plan was made, and is up now. */
function planLeavesOut(name: string): string {
  return `the host was down when the plan was made, so the plan does not have it. Now the host is up. To use this plan, leave the host out: ${limitWithout(name)}`
}

/** What is wanted otherwise than the plan says: by the inventory, or because the host was found otherwise. Of lists, what came and what went. */
function intentReasons(then: PlainIntent, now: PlainIntent): readonly string[] {
  // What only one guard has differs because of the guard.
  const fields = Object.keys({ ...then, ...now }).filter(
    (field) => then.kind === now.kind || (field in then && field in now),
  )
  return fields.flatMap((field) => {
    const [a, b] = [then[field], now[field]]
    const what = names[field] ?? field
    if (isDeepStrictEqual(a, b)) return []
    if (!Array.isArray(a) || !Array.isArray(b))
      return [`${what} is now ${b ?? 'unset'}; in the plan it is ${a ?? 'unset'}`]
    const come = b.filter((value) => !a.includes(value))
    const gone = a.filter((value) => !b.includes(value))
    if (come.length + gone.length === 0) return [`${since}: the order of the ${what}`]
    const words = [
      ...(come.length > 0 ? [`new: ${hostList(come)}`] : []),
      ...(gone.length > 0 ? [`gone: ${hostList(gone)}`] : []),
    ]
    return [`${since}: ${what} (${words.join('; ')})`]
  })
}

type PlainIntent = Readonly<Record<string, unknown>>

/** What an intent has, as a person knows it. Pod networks, pods without a tunnel and the hook come from the host where no setting names them. */
const names: Readonly<Record<string, string>> = {
  kind: 'the guard',
  set: 'fw_set',
  members: 'members',
  interfaces: 'guarded interfaces',
  action: 'fw_action',
  published: 'fw_published',
  position: 'fw_position',
  podCidrs: 'pod networks',
  otherPods: 'pod networks of other hosts',
  serviceCidrs: 'closed service networks',
  barePods: 'pod networks whose packets come in without a tunnel',
  form: 'the hook of the table of fw-run',
  persist: 'fw_persist',
  guard: 'fw_guard',
}

const since = 'changed since the plan was made'
