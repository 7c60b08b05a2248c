import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { NewEvent } from '../../src/journal/event.ts'
import { listRuns } from '../../src/journal/read-journals.ts'
import { begun, ended, linesOf, outcomes, planned, writeJournal } from './runs.ts'

let room: string
let directory: string
beforeEach(() => {
  room = mkdtempSync(join(tmpdir(), 'journal-'))
  directory = join(room, 'fw-run', 'runs')
})
afterEach(() => rmSync(room, { recursive: true }))

const id = '20261123-041500-3f9a'
const write = (run: string, ...events: readonly NewEvent[]) =>
  writeJournal(directory, run, ...events)

describe('listRuns', () => {
  it('lists newest first, and tells what is no journal', async () => {
    write('20261123-041500-3f9a', begun, ended)
    write('20261124-041500-0001', begun, planned)
    writeFileSync(join(directory, '20261125-041500-0001.ndjson'), 'nonsense\n')
    writeFileSync(join(directory, 'notes.txt'), 'mine')
    const { runs, noJournals, unread } = await listRuns(directory)
    expect(runs.map((run) => [run.id, run.state])).toEqual([
      ['20261124-041500-0001', 'unfinished'],
      ['20261123-041500-3f9a', 'finished'],
    ])
    expect(noJournals).toEqual([join(directory, '20261125-041500-0001.ndjson')])
    expect(unread).toEqual([])
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
  })

  it('reads no journal, and nothing in a directory, that others can write', async () => {
    const why = (mode: number): string => `can be written by other users (mode ${mode})`
    const file = write('20261123-041500-3f9a', begun, planned)
    write('20261124-041500-0001', begun, planned)
    chmodSync(file, 0o620)
    expect(await listRuns(directory)).toMatchObject({
      runs: [{ id: '20261124-041500-0001' }],
      distrusted: [{ file, why: why(620), foreign: false }],
    })
    chmodSync(directory, 0o770)
    const distrusted = [{ file: directory, why: why(770), foreign: false }]
    const nothing = { runs: [], noJournals: [], unread: [], distrusted }
    expect(await listRuns(directory)).toEqual(nothing)
    expect(() => write('20261125-041500-0001', begun)).toThrow(
      expect.objectContaining({
        message: `fw-run writes no journal into ${directory}, because that directory ${why(770)}.`,
        remedy: expect.stringContaining(`\`chmod go-w ${directory}\``),
      }),
    )
  })

  it('passes over the journal of a run that begins or was deleted at this moment', async () => {
    write('20261124-041500-0001', begun, planned)
    writeFileSync(join(directory, '20261125-041500-0001.ndjson'), '', { mode: 0o600 })
    symlinkSync('nothing', join(directory, '20261125-041500-0002.ndjson'))
    expect(await listRuns(directory)).toMatchObject({
      runs: [{ id: '20261124-041500-0001' }],
      ...{ noJournals: [], unread: [] },
    })
  })

  it('tells a journal of a later version from what is no journal', async () => {
    const file = write('20261124-041500-0001', begun)
    writeFileSync(file, '{"kind":"begun","time":"2030-01-01T00:00:00.000Z"}\n')
    expect(await listRuns(directory)).toMatchObject({
      noJournals: [],
      unread: [{ file, kind: 'later' }],
    })
  })

  it('is empty where there is no directory', async () => {
    expect(await listRuns(directory)).toEqual({
      ...{ runs: [], noJournals: [], unread: [], distrusted: [] },
    })
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

  it.each<[string, readonly NewEvent[]]>([
    ['ended', [{ ...ended, sequence: 7 }]],
    ['died, and was finished by another run', [{ kind: 'finished-by', run: 'r2' }]],
  ])('knows the number of the decision in a long journal of a run that %s', async (_, end) => {
    const steps = Array.from({ length: 900 }, (_, n): NewEvent => {
      return { kind: 'step', phase: 'apply', host: `node${n}`, ok: true, detail: 'x'.repeat(100) }
    })
    write(id, begun, planned, { kind: 'decided', sequence: 7 }, ...steps, ...end)
    expect((await listRuns(directory)).runs).toMatchObject([{ lastNumber: 7, state: 'finished' }])
  })
})
