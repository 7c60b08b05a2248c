import { journalFile } from '../../src/journal/directory.ts'
import { type NewEvent, parseEvent } from '../../src/journal/event.ts'
import { openJournal } from '../../src/journal/journal.ts'
import { startOf } from '../../src/journal/life.ts'
import { type PastRun, pastRun } from '../../src/journal/past-run.ts'
import { plainChange } from '../../src/journal/recorded-change.ts'
import { planHost } from '../../src/plan/plan.ts'
import { forward, hostState, intent } from '../plan/host-state.ts'

const { network: _, ...recorded } = intent
const plan = planHost(hostState(forward()), intent)

/** What it takes to protect a host that was fresh. */
export const changes = plan.kind === 'planned' ? plan.changes : []

/** The beginning of an apply on three hosts by a process that is gone. */
export const begun: Extract<NewEvent, { kind: 'begun' }> = {
  kind: 'begun',
  command: 'apply',
  who: 'ann@jump',
  version: '0.1.0',
  pid: 1,
  started: '0',
  inventory: '/home/ann/inventory.yaml',
  limit: null,
  lease: 30,
  hosts: ['node1', 'node2', 'node3'],
  addresses: ['192.0.2.11', '192.0.2.12', '192.0.2.13'],
}

/** The same by this very process. */
export const begunHere = { ...begun, pid: process.pid, started: startOf(process.pid) }

/** Two of the hosts are to be changed. */
export const planned: Extract<NewEvent, { kind: 'planned' }> = {
  kind: 'planned',
  plans: [
    {
      hosts: [
        { name: 'node2', address: '192.0.2.12' },
        { name: 'node3', address: '192.0.2.13' },
      ],
      changes: changes.map(plainChange),
      intent: { ...recorded, published: null },
    },
  ],
}

/** How both came out. */
export function outcomes(
  kind: 'committed' | 'rolled-back' | 'incomplete' = 'committed',
): Extract<NewEvent, { kind: 'outcomes' }> {
  return {
    kind: 'outcomes',
    hosts: [
      { host: 'node2', outcome: { kind: kind === 'incomplete' ? 'committed' : kind } },
      { host: 'node3', outcome: { kind } },
    ],
  }
}

export const ended: Extract<NewEvent, { kind: 'ended' }> = {
  kind: 'ended',
  outcome: 'done',
  words: 'changed 2 of 3',
  exitCode: 0,
  finished: true,
}

/** Lines of a journal, all of the same time. */
export function linesOf(time: string, ...events: readonly NewEvent[]): readonly string[] {
  return events.map((event) => JSON.stringify({ time, ...event }))
}

/** A plan as a later version might have written it, which this version does not understand. */
export const plannedLater = JSON.stringify({
  time: '2026-11-23T04:15:00.000Z',
  ...planned,
}).replace('"kind":"forward"', '"kind":"ebpf"')

/** A past run with these events, all of the same time. */
export function pastRunOf(...events: readonly NewEvent[]): PastRun {
  const written = linesOf('2026-11-23T04:15:00.000Z', ...events)
  const read = written.flatMap((line) => parseEvent(line) ?? [])
  const run = pastRun('20261123-041500-3f9a', '/state/20261123-041500-3f9a.ndjson', read)
  if (!run || read.length < events.length) throw new TypeError('not the events of a run')
  return run
}

/** Writes the journal of a run; the file. */
export function writeJournal(
  directory: string,
  run: string,
  ...events: readonly NewEvent[]
): string {
  const [first, ...rest] = events
  if (first?.kind !== 'begun') throw new TypeError('a journal begins with begun')
  const journal = openJournal(directory, run, first, (message) => {
    throw new Error(message)
  })
  for (const event of rest) journal.note(event)
  journal.close()
  return journalFile(directory, run)
}
