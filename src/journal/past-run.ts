import type { Change } from '../plan/change.ts'
import type { EventOf, JournalEvent, RecordedIntent } from './event.ts'
import { lives } from './life.ts'

/**
 * Whether anything of a run is open. `unsettled`: it is gone, it may have changed hosts, and of some of them nobody has
 * said for sure how they came out.
 */
export type RunState = 'running' | 'finished' | 'unfinished'

/** A run as it stands in the list of runs. */
export interface RunSummary {
  readonly id: string
  readonly file: string
  readonly state: RunState
  readonly begun: EventOf<'begun'>
  readonly ended: EventOf<'ended'> | undefined
  /** How many hosts it meant to change, and how many of them are known to keep that; as far as was read of its journal. */
  readonly came: { readonly planned: number; readonly committed: number }
  /** The later run that settled this one. */
  readonly finishedBy: string | undefined
}

/** Sorts runs, newest first: by their journals, because their ids tell no more than the second. */
export function newestFirst(one: RunSummary, other: RunSummary): number {
  const later = Date.parse(other.begun.time) - Date.parse(one.begun.time)
  return later || (one.id < other.id ? 1 : -1)
}

/** One host that a run meant to change. */
export interface PastHost {
  readonly name: string
  readonly address: string
  readonly changes: readonly Change[]
  readonly intent: RecordedIntent
  readonly outcome: EventOf<'outcomes'>['hosts'][number]['outcome'] | undefined
  readonly fault: EventOf<'outcomes'>['hosts'][number]['fault']
}

/** A run in full, as far as its journal goes. */
export interface PastRun extends RunSummary {
  /** The hosts to be changed; empty if it never came to that. */
  readonly hosts: readonly PastHost[]
  readonly decided: boolean
  /** What did not go well on a host, in order. */
  readonly troubles: readonly EventOf<'step'>[]
  /** Why a change that was verified everywhere was taken back all the same; else empty. */
  readonly objections: NonNullable<EventOf<'outcomes'>['objections']>
}

/** Puts the events of one journal together; undefined without a `begun` event, which is no journal. */
export function pastRun(
  id: string,
  file: string,
  events: readonly JournalEvent[],
): PastRun | undefined {
  const hosts = new Map<string, PastHost>()
  const troubles: EventOf<'step'>[] = []
  let begun: EventOf<'begun'> | undefined
  let ended: EventOf<'ended'> | undefined
  let finishedBy: string | undefined
  let decided = false
  let objections: PastRun['objections'] = []
  const update = (name: string, known: Partial<PastHost>): void => {
    const host = hosts.get(name)
    if (host) hosts.set(name, { ...host, ...known })
  }
  for (const event of events) {
    switch (event.kind) {
      case 'begun':
        begun ??= event
        break
      case 'planned':
        // `recover` may run several transactions, each decided by itself; in one of them a host that others write to
        // is planned again, and its last plan counts.
        decided = false
        for (const { hosts: planned, ...plan } of event.plans) {
          for (const host of planned) hosts.set(host.name, { ...host, ...plan, ...open })
        }
        break
      case 'decided':
        decided = true
        break
      case 'undecided':
        decided = false
        break
      case 'step':
        if (!event.ok) troubles.push(event)
        else if (event.phase === 'commit')
          update(event.host, { outcome: committedBy(hosts.get(event.host)) })
        else if (event.phase === 'rollback')
          update(event.host, { outcome: { kind: 'rolled-back' } })
        break
      case 'outcomes':
        objections = event.objections ?? []
        for (const { host, outcome, fault } of event.hosts) update(host, { outcome, fault })
        break
      case 'ended':
        ended = event
        break
      case 'finished-by':
        finishedBy = event.run
        break
    }
  }
  if (!begun) return undefined
  const all = [...hosts.values()]
  const sure = finishedBy !== undefined || all.every(isSure)
  const running = !ended && lives(begun.pid, begun.started)
  const state: RunState = running ? 'running' : sure ? 'finished' : 'unfinished'
  const committed = all.filter(({ outcome }) => outcome?.kind === 'committed').length
  const came = { planned: all.length, committed }
  const summary = { id, file, state, begun, ended, came, finishedBy }
  return { ...summary, hosts: all, decided, troubles, objections }
}

/** A host on which nothing was left to change when it was planned again has only been held. */
function committedBy(host: PastHost | undefined): { readonly kind: 'committed' | 'untouched' } {
  return { kind: host?.changes.length === 0 ? 'untouched' : 'committed' }
}

const open = { outcome: undefined, fault: undefined } as const

/** Whether it was seen how a host came out. */
export function isSure({ outcome }: PastHost): boolean {
  return outcome !== undefined && outcome.kind !== 'incomplete'
}
