import type { OpenedHost } from '../../cluster/open-hosts.ts'
import type { Opener } from '../../cluster/opener.ts'
import { messageOf } from '../../errors.ts'
import type { HostNetwork } from '../../facts/host-network.ts'
import type { HostState } from '../../facts/state.ts'
import type { Intent } from '../../guard/intent.ts'
import type { Inventory } from '../../inventory/inventory.ts'
import type { RecordedIntent } from '../../journal/event.ts'
import type { KnownHost } from '../../journal/known-host.ts'
import type { PastRun } from '../../journal/past-run.ts'
import { type RecoveredHost, unfinished } from '../../outcomes/recovery.ts'
import { failures, type HostReport, type RunReport, statusOf } from '../../outcomes/run-report.ts'
import type { Run } from '../../runs/run.ts'
import type { RunSettings } from '../../runs/run-settings.ts'
import { needsTransaction, transactHosts } from '../../stages/changing/transact.ts'
import { examineHosts } from '../../stages/examine.ts'
import type { Goal } from '../../stages/goal.ts'
import { reportOn } from '../../stages/report.ts'
import { hostList } from '../../text/host-list.ts'
import type { Objection } from '../../transaction/outcome.ts'
import { sharedLooks } from '../../waiting/shared-looks.ts'
import { describeStep, objectionCause } from '../../words/trouble.ts'
import { type LaterRun, superseded } from './later-runs.ts'
import { toldOfLeaving } from './leaving-node.ts'

/** What the recovery of one run needs besides it. */
export interface RecoverOptions {
  readonly inventory: Inventory
  readonly opener: Opener
  readonly settings: RunSettings
  /** The runs that have decided about its hosts after it, by the journals as they are now. May reject with a `journal` fault. */
  readonly later: () => Promise<readonly LaterRun[]>
}

/**
 * Brings hosts to what a run had decided, in one transaction over those that lack it. Hosts that cannot be reached do not
 * stop it, because every other host comes nearer to what was decided. Hosts about which a later run has decided stay as
 * they are.
 */
export async function bringForward(
  past: PastRun,
  read: readonly OpenedHost[],
  later: readonly LaterRun[],
  { inventory, opener, settings, later: laterNow }: RecoverOptions,
  run: Run,
): Promise<readonly RecoveredHost[]> {
  const since = read.flatMap(({ host }) => superseded(host, past, later))
  const own = read.filter(({ host }) => !since.some((one) => one.host === host.name))
  const opened = toldOfLeaving(own, past, inventory)
  const [first] = opened
  if (!first) return since
  const hosts = opened.map(({ host }) => host)
  const goal: Goal = {
    kind: recordedIntent(past, first).kind === 'remove' ? 'remove' : 'protect',
    intentOf: (one: OpenedHost, _: HostState, network: HostNetwork) =>
      intentNow(recordedIntent(past, one), network),
  }
  const cluster = { inventory, hosts, unfinished: [], opener, opened }
  const examined = await examineHosts(cluster, goal, 'change', run)
  const found = reportOn(examined, { diff: false }, run)
  const how = { ...settings, ask: false, confirm: undefined, diff: false }
  if (!needsTransaction(found, examined, { check: false })) return [...reported(found), ...since]
  // Many hosts may ask at once, and all journals are read for it.
  const overtaken = sharedLooks(() => whyOvertaken(past, hosts, laterNow))
  const report = await transactHosts(examined, [], how, run, { overtaken })
  return [...reported(report), ...since]
}

/** Says that another run has decided about one of these hosts, or has finished the past run, since this recovery began; undefined if none has. */
async function whyOvertaken(
  past: PastRun,
  hosts: readonly KnownHost[],
  laterNow: RecoverOptions['later'],
): Promise<Objection | undefined> {
  try {
    const later = await laterNow()
    const over = later.find((one) => hosts.some((host) => superseded(host, past, [one]).length > 0))
    if (!over) return undefined
    return {
      kind: 'overtaken',
      reason: `run ${over.id} has changed or checked a host of this run meanwhile`,
    }
  } catch (error) {
    return { kind: 'journal', reason: messageOf(error) }
  }
}

function reported(report: RunReport): readonly RecoveredHost[] {
  return report.hosts.map((host) => recovered(host, report))
}

/** What a run wanted of one of its hosts. */
function recordedIntent({ id, hosts }: PastRun, { host }: OpenedHost): RecordedIntent {
  const one = hosts.find(({ name }) => name === host.name)
  if (!one) throw new TypeError(`run ${id} had no plan for ${host.name}`)
  return one.intent
}

function intentNow(intent: RecordedIntent, network: HostNetwork): Intent {
  return intent.kind === 'remove' ? intent : { ...intent, network }
}

function recovered(host: HostReport, report: RunReport): RecoveredHost {
  const { host: name, outcome, fault, changes, known } = host
  if (outcome?.kind === 'committed') return { host: name, kind: 'changed', changes }
  if (outcome?.kind === 'incomplete') {
    return { ...unfinished(name, outcome.left, outcome.remedy), doubtful: true }
  }
  const result = failures(host)[0]?.result
  if (result?.kind === 'fail') return unfinished(name, result.reason, result.remedy)
  if (fault)
    return unfinished(
      name,
      `${describeStep(fault.step)}: ${fault.reason}`,
      `Remove the cause, then ${again}`,
    )
  if (known && changes.length === 0) return { host: name, kind: 'already' }
  const { reason, remedy } = whyNot(report, outcome?.kind === 'rolled-back')
  // Without a plan nobody knows what the host lacks.
  const state = known ? 'the host still does not have the change' : 'fw-run did not check the host'
  return unfinished(name, `${state}: ${reason}`, remedy)
}

/** Why a host on which nothing went wrong did not get the change, and what to do. */
function whyNot(
  report: RunReport,
  rolledBack: boolean,
): { readonly reason: string; readonly remedy: string } {
  const did = rolledBack ? 'rolled this host back' : 'did not change this host'
  if (report.kind === 'interrupted') {
    return { reason: `recover was interrupted (Ctrl-C), and ${did}`, remedy: `R${again.slice(1)}` }
  }
  const culprits = report.hosts.filter((one) =>
    ['failed', 'unreachable', 'incomplete'].includes(statusOf(one, report)),
  )
  const names = hostList(culprits.map((one) => one.host)) || 'another host'
  const faulty = culprits.some((one) => one.fault || failures(one).length > 0)
  const cause =
    faulty || report.objections.length === 0 ? undefined : objectionCause(report.objections)
  return cause === undefined
    ? {
        reason: `recover ${did}, because ${names} failed`,
        remedy: `Fix ${names} first, then ${again}`,
      }
    : {
        reason: `recover ${did}, because ${cause}`,
        remedy: report.objections.every(({ kind }) => kind === 'overtaken')
          ? `R${again.slice(1)}`
          : `Remove the cause, then ${again}`,
      }
}

const again = 'run the same command again.'
