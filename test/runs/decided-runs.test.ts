import { chmodSync, mkdtempSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { NewEvent } from '../../src/journal/event.ts'
import { decidedAfter } from '../../src/runs/decided-runs.ts'
import { beginRun } from '../../src/runs/run.ts'
import { begunHere, ended, planned, writeJournal } from '../journal/runs.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'runs-'))
  vi.stubEnv('XDG_STATE_HOME', directory)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(directory, { recursive: true })
})

describe('decidedAfter', () => {
  /** The runs after one that decided with the number 5, beside one that did this with its last number. */
  async function seen(last: number, ...events: readonly NewEvent[]): Promise<readonly string[]> {
    const view = { emit: () => {}, flushed: async () => {} }
    const run = beginRun('apply', 4, view, new AbortController().signal)
    const runs = join(directory, 'fw-run', 'runs')
    const decided = { kind: 'decided', sequence: 5 } as const
    writeJournal(runs, run.id, begunHere, planned, decided)
    const numbered = events.map((event, at) =>
      at === events.length - 1 ? { ...event, sequence: last } : event,
    )
    writeJournal(runs, `20261123-041500-000${last}`, begunHere, ...(numbered as NewEvent[]))
    return (await decidedAfter(run)).map(({ id }) => id)
  }

  it.each<[string, readonly NewEvent[]]>([
    ['has decided since, and is still at work', [planned, { kind: 'decided' }]],
    ['has found nothing to do since', [ended]],
  ])('knows a run that %s', async (_, events) => {
    expect(await seen(6, ...events)).toEqual(['20261123-041500-0006'])
  })

  it('does not count a run that decided before', async () => {
    expect(await seen(4, planned, { kind: 'decided' })).toEqual([])
  })

  it('rejects if a journal that was written meanwhile is not trusted, but not for an older one', async () => {
    const runs = join(directory, 'fw-run', 'runs')
    const other = writeJournal(runs, '20250101-000000-0001', begunHere, planned)
    chmodSync(other, 0o664)
    utimesSync(other, 1e9, 1e9)
    expect(await seen(6, ended)).toEqual(['20261123-041500-0006'])
    const now = Date.now() / 1000
    utimesSync(other, now, now)
    await expect(seen(7, ended)).rejects.toThrow(/can be written by other users/)
  })

  it('does not count a run that has not decided', async () => {
    expect(await seen(6, planned)).toEqual([])
  })
})
