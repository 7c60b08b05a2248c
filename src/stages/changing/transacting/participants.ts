import { type OpenedHost, readHostAgain, reopen } from '../../../cluster/open-hosts.ts'
import type { Change } from '../../../plan/change.ts'
import type { Finding } from '../../../preflight/check.ts'
import type { Run } from '../../../runs/run.ts'
import { shortKey } from '../../../text/short-key.ts'
import type { Objection } from '../../../transaction/outcome.ts'
import type { HostPlan, Participant } from '../../../transaction/participant.ts'
import { type ExaminedCluster, type ExaminedHost, examineHost } from '../../examine.ts'
import { hasChanges } from '../../planned-waves.ts'
import { differenceOf } from '../plans/differences.ts'
import type { SavedPlan } from '../plans/plan-file.ts'
import { plainChanges, planned } from './journal-events.ts'

/** The hosts of a transaction. `hosts` may change while it runs: a host that others write to is planned again. */
export interface Participants {
  readonly all: readonly Participant[]
  /** Resolves once it is on the disk what is to be changed on the hosts of this wave, from 0. They may not hear of it before. */
  begin(wave: number): Promise<void>
  /** Every host as it was last read and planned. */
  hosts(): readonly ExaminedHost[]
  /** The names of all that had something to change in any of their plans. */
  readonly journalled: ReadonlySet<string>
}

/** What else counts where a host is planned again. */
interface Conditions {
  /** With it, no host is planned otherwise. */
  readonly saved?: SavedPlan | undefined
  /** Somebody was shown these plans and said yes. With it, no host is planned otherwise, but for positions of rules, which others move. */
  readonly asked?: boolean
  /** Why what was planned is not wanted any more; undefined: it is. Never rejects. */
  readonly overtaken?: (() => Promise<Objection | undefined>) | undefined
}

/** Takes examined hosts into a transaction, in these waves. Throws for a host without a plan: none is left out without a word. */
export function takeIn(
  { inventory, opened, opener, goal, examined }: ExaminedCluster,
  waves: readonly (readonly string[])[],
  run: Run,
  { saved, asked, overtaken }: Conditions = {},
): Participants {
  /** Hosts of waves that have not begun: what is planned for them is not written down yet. */
  const waiting = new Set(waves.slice(1).flat())
  const current = new Map(examined.map((one) => [one.host.name, one]))
  const journalled = new Set<string>()
  const shown = new Map(
    (asked ? examined : []).map((one) => [
      one.host.name,
      withoutPositions(hostPlan(one)?.changes ?? []),
    ]),
  )

  const journal = async (hosts: readonly ExaminedHost[]): Promise<void> => {
    for (const { host } of hosts) journalled.add(host.name)
    await run.journal.keep({ ...planned(hosts), ...run.journal.number() })
  }

  const planAgain = async (one: OpenedHost): ReturnType<Participant['planAgain']> => {
    const read = await readHostAgain(one)
    const lost = one.link?.agent.lost()
    if (lost !== undefined) return { kind: 'lost', reason: lost }
    // Whether another run holds it by now is for `apply` to find: it waits its turn.
    const facts = read.facts && { ...read.facts, lockHolder: undefined }
    const found = await examineHost({ ...read, facts }, goal, 'change', inventory)
    const plan = hostPlan(found)
    const failed = found.findings.find(({ result }) => result.kind === 'fail')
    if (failed || !plan) return unfit(found, failed)
    const unlike = saved && differenceOf(saved, found)
    if (unlike)
      return { kind: 'unfit', reason: `the host is no longer as in the plan: ${unlike.reason}` }
    const { name } = one.host
    if (asked && plan.changes.length > 0 && shown.get(name) !== withoutPositions(plan.changes))
      return { kind: 'unfit', reason: notAskedAbout }
    // A wave that begins was asked for just now. Else others have changed this host since, and may have decided.
    const over = waiting.has(name) ? undefined : await overtaken?.()
    if (over) return { kind: 'unfit', reason: over.reason }
    if (!waiting.has(name) && (plan.changes.length > 0 || journalled.has(name)))
      await journal([found])
    current.set(one.host.name, found)
    return plan
  }

  const hosts = (): readonly ExaminedHost[] => [...current.values()]
  const all = opened.map((one): Participant => {
    const { host, link } = one
    const plan = hostPlan(current.get(host.name))
    if (!link || !plan) throw new Error(`${host.name} has no plan, but would take part in a change`)
    return {
      ...plan,
      host: host.name,
      agent: link.agent,
      reopen: () => reopen(host, opener),
      planAgain: () =>
        planAgain(one).catch(({ message: reason }: Error) => ({ kind: 'failed', reason })),
    }
  })
  return {
    ...{ all, hosts, journalled },
    async begin(wave) {
      const names = new Set(waves[wave])
      await journal(hosts().filter((one) => names.has(one.host.name) && hasChanges(one)))
      for (const name of names) waiting.delete(name)
    },
  }
}

const notAskedAbout =
  'fw-run read the host again, and the plan for it is not the one that you said yes to'

/** Changes as a text that is equal where they differ in positions of rules and in counters only. */
function withoutPositions(changes: readonly Change[]): string {
  return shortKey(plainChanges(changes), 'position')
}

function hostPlan(host: ExaminedHost | undefined): HostPlan | undefined {
  const { plan, intent, state } = host?.examined ?? {}
  if (plan?.kind !== 'planned' || !intent || !state) return undefined
  return { before: state, intent, changes: plan.changes }
}

function unfit({ examined }: ExaminedHost, failed: Finding | undefined) {
  const result = failed?.result.kind === 'fail' ? failed.result : examined?.plan
  const why = result && 'reason' in result ? result.reason : 'it cannot be read'
  const reason = `fw-run read the host again, and now it is not ready: ${why}`
  return { kind: 'unfit', reason } as const
}
