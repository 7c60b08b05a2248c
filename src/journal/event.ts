import * as z from 'zod'
import { recordedChange } from './recorded-change.ts'

const time = z.iso.datetime()

/** A number that says when this was, among all runs of one directory and whatever the clock said; journals of earlier versions have none. */
const sequence = z.number().int().optional()

/** The first line of every journal: who began which run. `lease` is in seconds. */
const begun = z.object({
  kind: z.literal('begun'),
  time,
  command: z.string(),
  who: z.string(),
  version: z.string(),
  sequence,
  /** Of which directory the number is: journals may have been copied together. */
  series: z.string().optional(),
  pid: z.number().int(),
  /** When the process started, in ticks since boot: a later process may have the same number. */
  started: z.string().nullable(),
  inventory: z.string(),
  limit: z.string().nullable(),
  lease: z.number(),
  hosts: z.array(z.string()).readonly(),
  /** The addresses of these hosts, in the same order; journals of earlier versions have none. */
  addresses: z.array(z.string()).readonly().optional(),
})

/** What guards of all kinds have in common. */
const guarding = {
  set: z.string(),
  members: z.array(z.string()).readonly(),
  interfaces: z.array(z.string()).readonly(),
  action: z.enum(['REJECT', 'DROP']),
  podCidrs: z.array(z.string()).readonly(),
}

/** Before there were boot files, nothing was said of them. */
const persist = z.boolean().default(false)

/** Earlier, a host closed only its own. */
const otherPods = z.array(z.string()).readonly().default([])

/** An intent without the host's network, which is read again when it matters. */
const recordedIntent = z.discriminatedUnion('kind', [
  z.object({
    ...guarding,
    kind: z.literal('forward'),
    published: z
      .enum(['allow', 'block'])
      .nullable()
      .transform((value) => value ?? undefined),
    position: z.union([z.literal('auto'), z.number().int()]),
  }),
  z.object({
    ...guarding,
    kind: z.literal('nft'),
    otherPods,
    serviceCidrs: z.array(z.string()).readonly(),
    barePods: z.array(z.string()).readonly(),
    persist,
    form: z.enum(['prerouting', 'forward']),
  }),
  z.object({
    ...guarding,
    kind: z.literal('mangle'),
    otherPods,
    serviceCidrs: z.array(z.string()).readonly(),
    barePods: z.array(z.string()).readonly(),
    persist,
  }),
  z.object({
    kind: z.literal('remove'),
    set: z.string(),
    guard: z.enum(['forward', 'nft', 'mangle']).optional(),
  }),
])

/**
 * What will be changed; on the disk before any of these hosts changes. Hosts with equal plans share one. A host may be
 * planned again after a rollback: then its last plan counts.
 */
const planned = z.object({
  kind: z.literal('planned'),
  time,
  sequence,
  plans: z
    .array(
      z.object({
        hosts: z.array(z.object({ name: z.string(), address: z.string() })).readonly(),
        changes: z.array(recordedChange).readonly(),
        intent: recordedIntent,
      }),
    )
    .readonly(),
})

/** The names of the hosts in each wave. The plan of a wave is written when it begins; so hosts of later ones have nothing to undo. */
const waves = z.object({
  kind: z.literal('waves'),
  time,
  waves: z.array(z.array(z.string()).readonly()).readonly(),
})

/** What the run will do to an inventory file last before its decision; noted before any host changes. Sums are SHA-256. */
const inventoryEdit = z.object({
  kind: z.literal('inventory-edit'),
  time,
  file: z.string(),
  backup: z.string(),
  before: z.string(),
  after: z.string(),
  change: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('add'),
      name: z.string(),
      address: z.string().optional(),
      group: z.string().optional(),
    }),
    z.object({ kind: z.literal('remove'), name: z.string(), leaveOutside: z.boolean() }),
  ]),
})

/** All hosts will keep the change; on the disk before the first of them commits. The number was taken while they were held; without it, no host was. */
const decided = z.object({ kind: z.literal('decided'), time, sequence })

/** It is not sure that the decision is on the disk, so all hosts are rolled back. */
const undecided = z.object({ kind: z.literal('undecided'), time })

/** Hosts that could not be reached, and that the run goes on without. */
const leftOut = z.object({
  kind: z.literal('left-out'),
  time,
  hosts: z.array(z.object({ name: z.string(), address: z.string() })).readonly(),
})

/** One host came to the end of one phase; `ok`: without a fault. */
const step = z.object({
  kind: z.literal('step'),
  time,
  phase: z.string(),
  host: z.string(),
  ok: z.boolean(),
  detail: z.string().optional(),
})

/**
 * How hosts came out of the transaction, and the objections to it. `incomplete`: the state of that host is unknown or not as
 * it was before.
 */
const outcomes = z.object({
  kind: z.literal('outcomes'),
  time,
  hosts: z
    .array(
      z.object({
        host: z.string(),
        outcome: z.object({
          kind: z.enum(['committed', 'untouched', 'rolled-back', 'incomplete']),
          left: z.string().optional(),
          remedy: z.string().optional(),
          unseen: z.literal(true).optional(),
        }),
        fault: z.object({ step: z.string(), kind: z.string(), reason: z.string() }).optional(),
      }),
    )
    .readonly(),
  objections: z
    .array(z.object({ kind: z.string(), host: z.string().optional(), reason: z.string() }))
    .readonly()
    .optional(),
})

/**
 * The end of the run, in a word for programs and in words for people, with its last number. `finished`: the state of every host is known.
 * `idle`: it has told no host to change anything, nor edited a file. Journals of earlier versions do not tell.
 */
const ended = z.object({
  kind: z.literal('ended'),
  time,
  sequence,
  outcome: z.string(),
  words: z.string(),
  exitCode: z.number().int(),
  finished: z.boolean(),
  idle: z.literal(true).optional(),
})

/** A later run has finished this one. */
const finishedBy = z.object({ kind: z.literal('finished-by'), time, run: z.string() })

const journalEvent = z.discriminatedUnion('kind', [
  begun,
  waves,
  planned,
  inventoryEdit,
  decided,
  undecided,
  leftOut,
  step,
  outcomes,
  ended,
  finishedBy,
])

export type JournalEvent = z.output<typeof journalEvent>
export type RecordedIntent = z.output<typeof recordedIntent>

/** One event of that kind, as read from a journal. */
export type EventOf<K extends JournalEvent['kind']> = Extract<JournalEvent, { kind: K }>

/** An event before it is written, when it gets its time. */
export type NewEvent = Untimed<z.input<typeof journalEvent>>

type Untimed<E> = E extends unknown ? Omit<E, 'time'> : never

/** A line that is an event, but not one that this version understands. */
export interface UnknownEvent {
  readonly kind: 'unknown'
}

/** Reads one line, also of an earlier version. Undefined if it is torn, or no event. */
export function parseEvent(line: string): JournalEvent | UnknownEvent | undefined {
  const value = parseLine(line)
  if (typeof value !== 'object' || value === null || !('kind' in value)) return undefined
  return journalEvent.safeParse(inPresentWords(value)).data ?? { kind: 'unknown' }
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(presentIntent(line))
  } catch {
    return undefined
  }
}

/** Before there were guards of several kinds, the intent of `forward` was `protect`. */
function presentIntent(line: string): string {
  return line.replaceAll('"intent":{"kind":"protect",', '"intent":{"kind":"forward",')
}

/** Before 0.1.0, runs were `settled`. Else their end would not be understood, and they would count as unfinished. */
function inPresentWords(event: { readonly kind: unknown }): unknown {
  switch (event.kind) {
    case 'settled':
      return { ...event, kind: 'outcomes' }
    case 'settled-by':
      return { ...event, kind: 'finished-by' }
    case 'ended':
      return 'settled' in event ? { finished: event.settled, ...event } : event
    default:
      return event
  }
}
