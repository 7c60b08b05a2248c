import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { parseInventory } from '../../../src/inventory/load.ts'
import type { NewEvent } from '../../../src/journal/event.ts'
import { append } from '../../../src/journal/journal.ts'
import { listRuns, readRun } from '../../../src/journal/read-journals.ts'
import type { RecoveredHost } from '../../../src/outcomes/recovery.ts'
import { type LaterRun, laterNow, superseded } from '../../../src/recovery/finishing/later-runs.ts'
import { conclusiveRuns, laterThan } from '../../../src/runs/decided-runs.ts'
import { beginRun } from '../../../src/runs/run.ts'
import {
  begun,
  begunHere,
  ended,
  linesOf,
  outcomes,
  planned,
  writeJournal,
} from '../../journal/runs.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'runs-'))
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-23T12:00:00Z') })
})
afterEach(() => {
  vi.useRealTimers()
  rmSync(directory, { recursive: true })
})

const open = '20261123-041500-8888'
const decided: NewEvent = { kind: 'decided' }

function write(id: string, ms: number, ...events: readonly NewEvent[]): void {
  const lines = linesOf(`2026-11-23T04:15:00.${ms}Z`, ...events)
  writeFileSync(join(directory, `${id}.ndjson`), `${lines.join('\n')}\n`)
}

/** The later runs of one that is unfinished, beside a run of these events that began so many milliseconds later. */
async function later(by: number, ...events: readonly NewEvent[]): Promise<readonly LaterRun[]> {
  write(open, 500, begun, planned)
  write('20261123-041500-0001', 500 + by, ...events)
  const past = await readRun(open, join(directory, `${open}.ndjson`))
  return past ? laterThan(past, await conclusiveRuns((await listRuns(directory)).runs)) : []
}

const all = [
  { name: 'node1', address: '192.0.2.11' },
  { name: 'node2', address: '192.0.2.12' },
  { name: 'node3', address: '192.0.2.13' },
]

const inventory = (file: string) =>
  parseInventory('all: { hosts: { node3: { ansible_host: 192.0.2.13 } } }', file, { extraVars: [] })

function running() {
  const view = { emit: () => {}, flushed: async () => {} }
  return beginRun('recover', 4, view, new AbortController().signal)
}

describe('laterNow', () => {
  it('counts a run that has finished the past one since, for all its hosts, and one that has decided since', async () => {
    vi.stubEnv('XDG_STATE_HOME', directory)
    const runs = join(directory, 'fw-run', 'runs')
    const file = writeJournal(runs, open, begun, planned, decided)
    const past = await readRun(open, file)
    if (!past) throw new TypeError('no run')
    const run = running()
    expect(await laterNow(past, inventory(begun.inventory), run)).toEqual([])
    append(file, { kind: 'finished-by', run: 'r2' })
    expect(await laterNow(past, inventory(begun.inventory), run)).toEqual([
      { id: 'r2', hosts: past.hosts, sure: true },
    ])
    writeJournal(runs, '20261123-041500-0001', begun, ended)
    const found = await laterNow(past, inventory(begun.inventory), run)
    expect(found.map(({ id }) => id)).toEqual(['r2', '20261123-041500-0001'])
    vi.unstubAllEnvs()
  })

  describe('where the files of several inventories are there', () => {
    const at = (name: string): string => join(directory, name)
    /** What is said of node3 if the past run, the later one and recover had these inventories. */
    async function over(
      past: string,
      its: string,
      given: string,
    ): Promise<readonly RecoveredHost[]> {
      vi.stubEnv('XDG_STATE_HOME', directory)
      const runs = join(directory, 'fw-run', 'runs')
      for (const name of ['a', 'b', 'c']) writeFileSync(at(name), '')
      const file = writeJournal(runs, open, { ...begun, inventory: at(past) }, planned, decided)
      const run = await readRun(open, file)
      if (!run) throw new TypeError('no run')
      writeJournal(runs, '20261123-041500-0001', { ...begun, inventory: at(its) }, planned, decided)
      const node3 = { name: 'node3', address: '192.0.2.13' }
      const found = await laterNow(run, inventory(at(given)), running())
      vi.unstubAllEnvs()
      return superseded(node3, run, found)
    }

    it('leaves a host in doubt where the later run began with another one: that may be another cluster', async () => {
      expect(await over('a', 'b', 'a')).toMatchObject([
        {
          kind: 'unfinished',
          reason: expect.stringMatching(/ whether that is the same host$/),
          remedy: expect.stringContaining('run `fw-run apply` on'),
        },
      ])
    })

    it.each([
      ['recover has, who names the past run is sure that the hosts are the same', 'b'],
      ['the past run had, so these are hosts of one cluster', 'a'],
    ])('is sure of a later run with the inventory that %s', async (_, its) => {
      expect(await over('a', its, 'b')).toMatchObject([{ kind: 'superseded' }])
    })

    it('names the inventory of the past run in the remedy where recover has another one: else apply would not finish it', async () => {
      const [host] = await over('a', 'c', 'b')
      const flags = `-i ${at('a')}`
      expect(host?.kind === 'unfinished' && host.remedy).toMatch(
        new RegExp(`run \`fw-run apply ${flags}\` on .* run \`fw-run remove ${flags}\` on `),
      )
    })
  })
})

describe('a later run', () => {
  it.each<[string, readonly NewEvent[]]>([
    ['it is done', [begun, planned, decided, outcomes(), ended]],
    ['it found nothing to do', [begun, ended]],
    ['others moved rules since', [begun, planned, { ...ended, outcome: 'moved', exitCode: 3 }]],
    ['its runner died after its last commit', [begun, planned, decided, outcomes()]],
    ['its runner died between commits', [begun, planned, decided]],
    ['it watches still', [begunHere, planned, decided, outcomes()]],
    [
      'recover finished it',
      [begun, planned, decided, outcomes('incomplete'), { kind: 'finished-by', run: 'r2' }],
    ],
    [
      'it failed after its last commit',
      [begun, planned, decided, outcomes(), { ...ended, outcome: 'failed', finished: false }],
    ],
  ])('has decided about all its hosts if %s', async (_, events) => {
    expect(await later(1, ...events)).toEqual([
      { id: '20261123-041500-0001', hosts: all, sure: true },
    ])
  })

  it.each<[string, readonly NewEvent[]]>([
    ['it died before its decision', [begun, planned]],
    ['it was rolled back', [begun, planned, outcomes('rolled-back')]],
    ['it was refused', [begun, { ...ended, outcome: 'refused' }]],
    ['it could not write its decision down', [begun, planned, decided, { kind: 'undecided' }]],
    ['it recovered others', [{ ...begun, command: 'recover' }, planned, decided, outcomes()]],
  ])('has not decided about its hosts if %s', async (_, events) => {
    expect(await later(1, ...events)).toEqual([])
  })

  it.each<[string, readonly NewEvent[]]>([
    ['is done', [planned, decided, outcomes(), { ...ended, exitCode: 3 }]],
    ['found nothing to do on the others', [{ ...ended, exitCode: 3 }]],
    ['died after its decision', [planned, decided]],
    ['ended with a host that did not confirm', [planned, decided, { ...ended, exitCode: 8 }]],
  ])('that %s has not decided about a host that it left out', async (_, events) => {
    const leftOut = { kind: 'left-out', hosts: all.slice(2) } as const
    const found = await later(1, begun, leftOut, ...events)
    expect(found).toMatchObject([{ hosts: all.slice(0, 2) }])
    expect(superseded({ name: 'node3', address: '192.0.2.13' }, { id: open }, found)).toEqual([])
  })

  it('is later if it began later, whatever its id', async () => {
    expect(await later(-1, begun, ended)).toEqual([])
  })

  it.each<[string, number | undefined, string, number | undefined, string, boolean | undefined]>([
    ['its number is greater, whatever the clock said', 1, '2026-11-24', 2, '2026-11-23', true],
    ['its number is smaller', 2, '2026-11-22', 1, '2026-11-23', undefined],
    [
      'only it has a number, and began later by the clock',
      undefined,
      '2026-11-22',
      1,
      '2026-11-23',
      true,
    ],
    [
      'only it has a number, but began earlier by the clock',
      undefined,
      '2026-11-23',
      1,
      '2026-11-22',
      false,
    ],
    [
      'neither has a number, and one began in the future',
      undefined,
      '2026-11-24',
      undefined,
      '2026-11-23',
      false,
    ],
    ['it has the same number as the other', 1, '2026-11-22', 1, '2026-11-23', false],
  ])('is sure, unsure or none if %s', async (_, number, day, itsNumber, itsDay, sure) => {
    const file = (id: string, on: string, sequence: number | undefined, ...events: NewEvent[]) => {
      const first: NewEvent = sequence === undefined ? begun : { ...begun, sequence, series: 'a' }
      const lines = linesOf(`${on}T04:15:00.000Z`, first, ...events)
      writeFileSync(join(directory, `${id}.ndjson`), `${lines.join('\n')}\n`)
    }
    file(open, day, number, planned, decided)
    file('20261123-041500-0001', itsDay, itsNumber, ended)
    const past = await readRun(open, join(directory, `${open}.ndjson`))
    if (!past) throw new TypeError('no run')
    const found = laterThan(past, await conclusiveRuns((await listRuns(directory)).runs))
    expect(found.map((one) => one.sure)).toEqual(sure === undefined ? [] : [sure])
    const over = superseded({ name: 'node1', address: '192.0.2.11' }, past, found)
    expect(over).toMatchObject(
      sure === undefined
        ? []
        : [sure ? { kind: 'superseded' } : { kind: 'unfinished', doubtful: false }],
    )
  })

  const numbers = (first: number | undefined, last: number | undefined) => [first, last] as const
  it.each<[string, ReturnType<typeof numbers>, ReturnType<typeof numbers>, boolean | undefined]>([
    ['it waited at a question, and decided later', numbers(2, 5), numbers(1, 6), true],
    ['it began later, while the other one waited', numbers(1, 6), numbers(2, 5), undefined],
    ['only its journal says when it decided', numbers(2, undefined), numbers(1, 6), false],
    ['only the other one says when it decided', numbers(1, 6), numbers(2, undefined), false],
    ['it began after the decision of the other one', numbers(1, 6), numbers(7, undefined), true],
  ])('is sure, unsure or none if %s, whatever the clock said', async (_, past, its, sure) => {
    const file = (id: string, [sequence, last]: typeof past, ...events: NewEvent[]): void => {
      const known = last === undefined ? {} : { sequence: last }
      const numbered = [
        { ...begun, sequence, series: 'a' } as NewEvent,
        ...events.map((event, at) => (at === events.length - 1 ? { ...event, ...known } : event)),
      ]
      const day = id === open ? '2026-11-22' : '2026-11-21'
      const lines = linesOf(`${day}T04:15:00.000Z`, ...numbered)
      writeFileSync(join(directory, `${id}.ndjson`), `${lines.join('\n')}\n`)
    }
    file('20261123-041500-0001', its, ended)
    for (const events of [[planned], [planned, decided]]) {
      file(open, past, ...events)
      const run = await readRun(open, join(directory, `${open}.ndjson`))
      if (!run) throw new TypeError('no run')
      const found = laterThan(run, await conclusiveRuns((await listRuns(directory)).runs))
      expect(found.map((one) => one.sure)).toEqual(sure === undefined ? [] : [sure])
    }
  })

  it.each<[string, boolean | undefined, string]>([
    ['later by its number and by the clock', true, '2026-11-23'],
    ['in doubt if the clock contradicts its number', false, '2026-11-21'],
  ])('whose journal was copied from another directory is %s', async (_, sure, itsDay) => {
    const file = (id: string, on: string, more: object, ...events: NewEvent[]): void => {
      const lines = linesOf(`${on}T04:15:00.000Z`, { ...begun, ...more }, ...events)
      writeFileSync(join(directory, `${id}.ndjson`), `${lines.join('\n')}\n`)
    }
    file(open, '2026-11-22', { sequence: 1, series: 'a' }, planned, decided)
    file('20261123-041500-0001', itsDay, { sequence: 6, series: 'b' }, ended)
    const past = await readRun(open, join(directory, `${open}.ndjson`))
    if (!past) throw new TypeError('no run')
    const found = laterThan(past, await conclusiveRuns((await listRuns(directory)).runs))
    expect(found.map((one) => one.sure)).toEqual([sure])
  })

  it('is in doubt if it began later, but the past run was copied from a directory with greater numbers', async () => {
    const other = mkdtempSync(join(tmpdir(), 'runs-'))
    for (const id of [1, 2, 3]) writeJournal(other, `20261110-00000${id}-0001`, begun, ended)
    vi.setSystemTime(Date.parse('2026-11-10T00:00:00Z'))
    const copied = writeJournal(other, open, begun, planned, decided)
    vi.setSystemTime(Date.parse('2026-11-20T00:00:00Z'))
    writeJournal(directory, '20261120-000000-0001', { ...begun, command: 'remove' }, ended)
    copyFileSync(copied, join(directory, basename(copied)))
    vi.setSystemTime(Date.parse('2026-11-21T00:00:00Z'))
    writeJournal(directory, '20261121-000000-0001', { ...begun, hosts: [], addresses: [] }, ended)
    const past = await readRun(open, join(directory, basename(copied)))
    if (!past) throw new TypeError('no run')
    const found = laterThan(past, await conclusiveRuns((await listRuns(directory)).runs))
    expect(found.map(({ id, sure }) => [id.slice(0, 8), sure])).toEqual([
      ['20261121', true],
      ['20261120', false],
    ])
    rmSync(other, { recursive: true })
  })

  it('counts hosts by name, in the same inventory only, if it has no addresses', async () => {
    const { addresses: _, ...old } = begun
    expect(await later(1, old, ended)).toMatchObject([{ hosts: all.slice(1) }])
    expect(await later(1, { ...old, inventory: '/other.yaml' }, ended)).toMatchObject([
      { hosts: [] },
    ])
  })
})
