import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { runsDirectory } from '../../src/journal/directory.ts'
import type { NewEvent } from '../../src/journal/event.ts'
import { findRun } from '../../src/journal/find-run.ts'
import { append, openJournal } from '../../src/journal/journal.ts'
import { listRuns, prune, readRun } from '../../src/journal/past-runs.ts'
import { begun, begunHere, changes, ended, linesOf, outcomes, planned } from './runs.ts'

let room: string
let directory: string
beforeEach(() => {
  room = mkdtempSync(join(tmpdir(), 'journal-'))
  directory = join(room, 'fw-run', 'runs')
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(room, { recursive: true })
})

const id = '20261123-041500-3f9a'
const tell = (message: string): never => {
  throw new Error(message)
}

function write(run: string, ...events: readonly NewEvent[]): string {
  const [first, ...rest] = events
  if (first?.kind !== 'begun') throw new TypeError('a journal begins with begun')
  const journal = openJournal(directory, run, first, tell)
  for (const event of rest) journal.note(event)
  journal.close()
  return join(directory, `${run}.ndjson`)
}

async function stateOf(...events: readonly NewEvent[]): Promise<string | undefined> {
  const file = write(id, ...events)
  const run = await readRun(id, file)
  rmSync(file)
  return run?.state
}

it('is refused, and not tried for ever, where no directory can be made', () => {
  const nowhere = '/proc/nowhere/fw-run/runs'
  expect(() => openJournal(nowhere, id, begun, tell)).toThrow(/cannot be written/)
})

describe('openJournal', () => {
  it('makes a file that this user alone may read, in a directory of the same kind', () => {
    const file = write(id, begun, planned)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(statSync(directory).mode & 0o777).toBe(0o700)
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line).kind)).toEqual(['begun', 'planned'])
  })

  it('never writes into the journal of another run', () => {
    write(id, begun)
    expect(() => openJournal(directory, id, begun, tell)).toThrow(/cannot be written/)
  })

  it('says which path, and what to do, where nothing can be written', () => {
    writeFileSync(join(room, 'fw-run'), '')
    expect(() => openJournal(directory, id, begun, tell)).toThrow(
      expect.objectContaining({
        code: 'journal',
        message: expect.stringContaining(directory),
        remedy: expect.stringContaining('XDG_STATE_HOME'),
      }),
    )
  })

  it('keeps: resolves when it is on the disk', async () => {
    const journal = openJournal(directory, id, begun, tell)
    await journal.keep(planned)
    journal.close()
    expect((await readRun(id, join(directory, `${id}.ndjson`)))?.hosts).toHaveLength(2)
  })

  it('once closed, tells the first event that is lost, and throws only for what must be kept', async () => {
    const told = vi.fn()
    const journal = openJournal(directory, id, begun, told)
    journal.close()
    journal.note(ended)
    journal.note(ended)
    expect(told).toHaveBeenCalledTimes(1)
    await expect(journal.keep(planned)).rejects.toMatchObject({ code: 'journal' })
  })
})

describe('readRun', () => {
  it('gives back what was written: hosts with their changes and intent', async () => {
    const run = await readRun(id, write(id, begun, planned))
    expect(run?.hosts.map(({ name, address }) => [name, address])).toEqual([
      ['node2', '192.0.2.12'],
      ['node3', '192.0.2.13'],
    ])
    expect(run?.hosts[0]?.changes).toEqual(changes)
    expect(run?.hosts[0]?.intent).toMatchObject({ kind: 'protect', published: undefined })
  })

  it('can do with a journal that was cut at any byte', async () => {
    const file = write(id, begun, planned, { kind: 'decided' }, outcomes(), ended)
    const whole = readFileSync(file)
    const seen = new Set<string>()
    for (let length = 0; length <= whole.length; length++) {
      writeFileSync(file, whole.subarray(0, length))
      const run = await readRun(id, file)
      seen.add(run ? `${run.state}, ${run.decided ? 'decided' : 'not decided'}` : 'no journal')
    }
    expect([...seen]).toEqual([
      'no journal',
      'finished, not decided',
      'unfinished, not decided',
      'unfinished, decided',
      'finished, decided',
    ])
  })

  it('passes over foreign lines, and events of a later version', async () => {
    const file = write(id, begun)
    appendFileSync(file, 'hello\n{"kind":"dreamt","time":"2026-11-23T04:15:00.000Z"}\n[]\nnull\n')
    append(file, { kind: 'finished-by', run: 'r2' })
    expect((await readRun(id, file))?.finishedBy).toBe('r2')
  })

  it('reads what was appended to a torn line', async () => {
    const file = write(id, begun, planned)
    appendFileSync(file, '{"kind":"deci')
    append(file, { kind: 'finished-by', run: 'r2' })
    expect(await readRun(id, file)).toMatchObject({ finishedBy: 'r2', state: 'finished' })
  })

  it('is undefined for what is no journal', async () => {
    mkdirSync(directory, { recursive: true })
    const file = join(directory, `${id}.ndjson`)
    writeFileSync(file, Buffer.from([0, 255, 10, 123]))
    expect(await readRun(id, file)).toBeUndefined()
  })

  const decided: NewEvent = { kind: 'decided' }
  const commitOf = (host: string): NewEvent => ({ kind: 'step', phase: 'commit', host, ok: true })
  it.each<[string, string, readonly NewEvent[]]>([
    ['finished', 'nothing was planned', [begun]],
    ['unfinished', 'it died before the decision', [begun, planned]],
    ['unfinished', 'it died after the decision', [begun, planned, decided]],
    ['unfinished', 'one commit is not known', [begun, planned, decided, commitOf('node2')]],
    [
      'finished',
      'every commit is known',
      [begun, planned, decided, commitOf('node2'), commitOf('node3')],
    ],
    ['finished', 'everything was taken back', [begun, planned, outcomes('rolled-back')]],
    [
      'unfinished',
      'a host is in doubt at its end',
      [begun, planned, outcomes('incomplete'), ended],
    ],
    ['unfinished', 'it planned again and died', [begun, planned, outcomes('rolled-back'), planned]],
    ['finished', 'another run settled it', [begun, planned, { kind: 'finished-by', run: 'r2' }]],
    ['unfinished', 'its process lives, but it has ended', [begunHere, planned, ended]],
    [
      'unfinished',
      'another process has its number',
      [{ ...begunHere, started: `${begunHere.started}0` }, planned],
    ],
  ])('is %s if %s', async (state, _, events) => {
    expect(await stateOf(...events)).toBe(state)
  })

  it('is not decided when the decision could not be put on the disk', async () => {
    const file = write(id, begun, planned, decided, { kind: 'undecided' })
    expect((await readRun(id, file))?.decided).toBe(false)
  })

  it('is not decided by what its transaction before decided', async () => {
    const file = write(id, begun, planned, decided, outcomes(), planned)
    expect((await readRun(id, file))?.decided).toBe(false)
  })

  it('has not touched a host that had nothing to change any more when it was planned again', async () => {
    const plans = planned.kind === 'planned' ? planned.plans : []
    const idle = {
      kind: 'planned',
      plans: plans.map((plan) => ({ ...plan, changes: [] })),
    } as const
    const file = write(id, begun, planned, idle, decided, commitOf('node2'), commitOf('node3'))
    const outcomes = (await readRun(id, file))?.hosts.map(({ outcome }) => outcome?.kind)
    expect(outcomes).toEqual(['untouched', 'untouched'])
  })
})

describe('listRuns', () => {
  it('lists newest first, and tells what is no journal', async () => {
    write('20261123-041500-3f9a', begun, ended)
    write('20261124-041500-0001', begun, planned)
    writeFileSync(join(directory, '20261125-041500-0001.ndjson'), 'nonsense\n')
    writeFileSync(join(directory, 'notes.txt'), 'mine')
    const { runs, unreadable } = await listRuns(directory)
    expect(runs.map((run) => [run.id, run.state])).toEqual([
      ['20261124-041500-0001', 'unfinished'],
      ['20261123-041500-3f9a', 'finished'],
    ])
    expect(unreadable).toEqual([join(directory, '20261125-041500-0001.ndjson')])
  })

  it('lists runs of one second by when they began, not by the end of their ids', async () => {
    mkdirSync(directory, { recursive: true })
    for (const [run, ms] of [
      ['20261123-041500-0001', 900],
      ['20261123-041500-8888', 100],
      ['20261123-041500-ffff', 500],
    ] as const) {
      const lines = linesOf(`2026-11-23T04:15:00.${ms}Z`, begun, ended)
      writeFileSync(join(directory, `${run}.ndjson`), `${lines.join('\n')}\n`)
    }
    const order = (await listRuns(directory)).runs.map((run) => run.id.slice(-4))
    expect(order).toEqual(['0001', 'ffff', '8888'])
    await prune(directory, 2)
    const left = (await listRuns(directory)).runs.map((run) => run.id.slice(-4))
    expect(left).toEqual(['0001', 'ffff'])
  })

  it('is empty where there is no directory', async () => {
    expect(await listRuns(directory)).toEqual({ runs: [], unreadable: [] })
  })

  it.each([
    ['finished', [outcomes(), ended]],
    ['unfinished', [outcomes('incomplete'), { ...ended, finished: false }]],
    ['unfinished', []],
  ])('knows that a long journal is %s', async (state, end) => {
    const steps = Array.from({ length: 900 }, (_, n) => ({
      ...{ kind: 'step', phase: 'apply', host: `node${n}`, ok: true, detail: 'x'.repeat(100) },
    })) as NewEvent[]
    write(id, begun, planned, ...steps, ...(end as NewEvent[]))
    expect((await listRuns(directory)).runs).toMatchObject([{ id, state }])
  })
})

describe('prune', () => {
  it('deletes the oldest settled ones, and no other', async () => {
    write('20261123-041500-0001', begun, planned)
    write('20261123-041500-0002', begun, ended)
    write('20261123-041500-0003', begun, ended)
    write('20261123-041500-0004', begun, ended)
    await prune(directory, 2)
    expect(readdirSync(directory).sort()).toEqual(
      [1, 3, 4].map((n) => `20261123-041500-000${n}.ndjson`),
    )
  })
})

describe('findRun', () => {
  const runs = async () => {
    write('20261123-041500-3f9a', begun)
    write('20261123-051500-0001', begun)
    return (await listRuns(directory)).runs
  }

  it('finds one by the beginning of its id', async () => {
    expect(findRun(await runs(), '20261123-04').id).toBe('20261123-041500-3f9a')
  })

  it.each([
    ['20261123', /2 runs begin with/, /Give more of the id/],
    ['3f9a', /No run "3f9a"/, /did you mean 20261123-041500-3f9a\?/],
    ['20261123-041500-3f9b', /No run/, /did you mean "20261123-041500-3f9a"/],
    ['x', /No run "x"/, /fw-run runs/],
  ])('says what is wrong with %s', async (prefix, message, remedy) => {
    const all = await runs()
    expect(() => findRun(all, prefix)).toThrow(
      expect.objectContaining({
        code: 'usage',
        message: expect.stringMatching(message),
        remedy: expect.stringMatching(remedy),
      }),
    )
  })
})

describe('runsDirectory', () => {
  it.each([
    ['/var/state', '/var/state/fw-run/runs'],
    ['relative', '/home/ann/.local/state/fw-run/runs'],
    ['', '/home/ann/.local/state/fw-run/runs'],
  ])('with XDG_STATE_HOME=%j is %s', (state, expected) => {
    vi.stubEnv('XDG_STATE_HOME', state)
    vi.stubEnv('HOME', '/home/ann')
    expect(runsDirectory()).toBe(expected)
  })
})
