import type { Change } from '../plan/change.ts'
import type { EventOf, JournalEvent, RecordedIntent, UnknownEvent } from './event.ts'
import type { KnownHost } from './known-host.ts'
import { lives } from './life.ts'

/** `unfinished`: its process is gone, it may have changed hosts, and the outcome of at least one of them is not known. */
export type RunState = 'running' | 'finished' | 'unfinished'

/** A run as it stands in the list of runs. */
export interface RunSummary {
  readonly id: string
  readonly file: string
  readonly state: RunState
  readonly begun: EventOf<'begun'>
  readonly ended: EventOf<'ended'> | undefined
  /** How many hosts it was to change, and how many are known to keep the change; as far as its journal was read. */
  readonly came: { readonly planned: number; readonly committed: number }
  /** The later run that finished this one. */
  readonly finishedBy: string | undefined
  /** Whether its journal has events that this version does not understand, or lacks the plan of a decision: it may have changed any of its hosts. */
  readonly partlyRead: boolean
  /** The last number that it took: for its decision or its last plan, or before it read hosts where it found nothing to do. Journals of earlier versions have none. */
  readonly lastNumber: number | undefined
}

/** One host that a run was to change. */
export interface PastHost {
  readonly name: string
  readonly address: string
  readonly changes: readonly Change[]
  readonly intent: RecordedIntent
  readonly outcome: EventOf<'outcomes'>['hosts'][number]['outcome'] | undefined
  readonly fault: EventOf<'outcomes'>['hosts'][number]['fault']
}

/** A whole run, as far as its journal goes. */
export interface PastRun extends RunSummary {
  /** The hosts that it was to change; empty if it died before it had planned. */
  readonly hosts: readonly PastHost[]
  readonly decided: boolean
  /** The change of an inventory file that the run had planned, or made. */
  readonly edit: EventOf<'inventory-edit'> | undefined
  /** The names of the hosts in each wave; empty: all were one. Hosts of waves that were not begun are not among `hosts`. */
  readonly waves: readonly (readonly string[])[]
  /** The names of hosts that could not be reached, and that it went on without. */
  readonly tolerated: readonly string[]
  /** The faults of hosts, in order. */
  readonly troubles: readonly EventOf<'step'>[]
  /** Why it was rolled back although every host had verified; else empty. */
  readonly objections: NonNullable<EventOf<'outcomes'>['objections']>
}

/** The run that these events of one journal tell of; undefined without a `begun` event. */
export function pastRun(
  id: string,
  file: string,
  events: readonly (JournalEvent | UnknownEvent)[],
): PastRun | undefined {
  const hosts = new Map<string, PastHost>()
  const troubles: EventOf<'step'>[] = []
  let begun: EventOf<'begun'> | undefined
  let ended: EventOf<'ended'> | undefined
  let finishedBy: string | undefined
  let decided = false
  let edit: EventOf<'inventory-edit'> | undefined
  let objections: PastRun['objections'] = []
  let tolerated: readonly string[] = []
  let waves: PastRun['waves'] = []
  let unknown = false
  let hasPlan = false
  let lastNumber: number | undefined
  const update = (name: string, known: Partial<PastHost>): void => {
    const host = hosts.get(name)
    if (host) hosts.set(name, { ...host, ...known })
  }
  for (const event of events) {
    if (event.kind === 'planned' || event.kind === 'decided' || event.kind === 'ended')
      lastNumber = event.sequence ?? lastNumber
    switch (event.kind) {
      case 'begun':
        begun ??= event
        break
      case 'planned':
        // `recover` may run several transactions, each with a decision of its own.
        decided = false
        hasPlan = true
        for (const { hosts: planned, ...plan } of event.plans) {
          for (const host of planned) hosts.set(host.name, { ...host, ...plan, ...outcomeUnknown })
        }
        break
      case 'inventory-edit':
        edit = event
        break
      case 'decided':
        decided = true
        break
      case 'undecided':
        decided = false
        break
      case 'waves':
        waves = event.waves
        break
      case 'left-out':
        tolerated = event.hosts.map(({ name }) => name)
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
      case 'unknown':
        unknown = true
        break
    }
  }
  if (!begun) return undefined
  const all = [...hosts.values()]
  const partlyRead = unknown || (decided && !hasPlan && edit === undefined)
  const known = !partlyRead || ended?.finished
  const sure = finishedBy !== undefined || (known && all.every(isSure))
  const running = !ended && lives(begun.pid, begun.started)
  const state: RunState = running ? 'running' : sure ? 'finished' : 'unfinished'
  const committed = all.filter(({ outcome }) => outcome?.kind === 'committed').length
  const came = { planned: all.length, committed }
  const summary = { id, file, state, begun, ended, came, finishedBy, partlyRead, lastNumber }
  return { ...summary, hosts: all, decided, edit, waves, tolerated, troubles, objections }
}

/** A host that had nothing to change in its last plan was only held. */
function committedBy(host: PastHost | undefined): { readonly kind: 'committed' | 'untouched' } {
  return { kind: host?.changes.length === 0 ? 'untouched' : 'committed' }
}

const outcomeUnknown = { outcome: undefined, fault: undefined } as const

/** Whether a run has ended with its hosts as it wanted them, but those that it left out: it has decided, or found nothing to do. */
export function isDone({ ended }: Pick<RunSummary, 'ended'>): boolean {
  return ended?.outcome === 'done' || ended?.outcome === 'moved'
}

/** The hosts that a run was to change; all of its hosts if not all of its journal could be read. */
export function hostsInQuestion({ begun, hosts, partlyRead }: PastRun): readonly KnownHost[] {
  return partlyRead ? begunHosts({ begun }) : hosts
}

/** The hosts that a run began with; with empty addresses if its journal has none. */
export function begunHosts({ begun }: Pick<RunSummary, 'begun'>): readonly KnownHost[] {
  return begun.hosts.map((name, index) => ({ name, address: begun.addresses?.[index] ?? '' }))
}

/** Whether the outcome of a host is known. */
export function isSure({ outcome }: PastHost): boolean {
  return outcome !== undefined && outcome.kind !== 'incomplete'
}
