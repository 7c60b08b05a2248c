import { isDeepStrictEqual } from 'node:util'
import { hostList } from '../../text/host-list.ts'
import type { Objection } from '../../transaction/outcome.ts'
import type { ExaminedHost } from '../examine.ts'
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
  const missing = `not among the hosts of this run, but in the plan: ${hostList(gone, 20)}`
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
  const now = plannedHost(one)
  if (!now) return []
  const plan = saved.plans.find(({ hosts }) => hosts.some(({ name }) => name === now.host.name))
  const then = plan?.hosts.find(({ name }) => name === now.host.name)
  if (!plan || !then) {
    const wasDown = saved.leftOut.some(({ name }) => name === now.host.name)
    return [wasDown ? planLeavesOut(now.host.name) : 'the plan does not name this host']
  }
  const reasons = [
    ...(then.address === now.host.address
      ? []
      : [`its address is ${now.host.address}, and in the plan ${then.address}`]),
    ...intentReasons(plan.intent, now.intent),
    ...Object.keys({ ...then.state, ...now.host.state })
      .filter((part) => then.state[part] !== now.host.state[part])
      .map((part) => `its ${part} has changed since`),
  ]
  const same = isDeepStrictEqual(plan.changes, now.changes)
  return reasons.length > 0 || same ? reasons : ['the changes differ from the plan']
}

/** A host that was down when the plan was made, and is up now. */
function planLeavesOut(name: string): string {
  return `the host was down when the plan was made, so the plan does not have it. Now it is up. Make a new plan, or add \`--limit '!${name}'\``
}

/** Which settings the inventory has changed; of lists, what came and what went. */
function intentReasons(
  then: Readonly<Record<string, unknown>>,
  now: Readonly<Record<string, unknown>>,
): readonly string[] {
  return Object.keys({ ...then, ...now }).flatMap((field) => {
    const [a, b] = [then[field], now[field]]
    if (isDeepStrictEqual(a, b)) return []
    if (!Array.isArray(a) || !Array.isArray(b))
      return [`the inventory wants ${field} ${b ?? 'unset'}, and the plan ${a ?? 'unset'}`]
    const come = b.filter((value) => !a.includes(value))
    const gone = a.filter((value) => !b.includes(value))
    if (come.length + gone.length === 0) return [`the inventory has ${field} in another order`]
    const words = [
      ...(come.length > 0 ? [`new: ${hostList(come)}`] : []),
      ...(gone.length > 0 ? [`gone: ${hostList(gone)}`] : []),
    ]
    return [`the inventory has other ${field} (${words.join('; ')})`]
  })
}
