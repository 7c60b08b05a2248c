import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FwRunError } from '../../src/errors.ts'
import { runsDirectory } from '../../src/journal/directory.ts'
import type { RunSummary } from '../../src/journal/past-run.ts'
import { listRuns } from '../../src/journal/read-journals.ts'
import { beginJournal, endInJournal } from '../../src/runs/journal.ts'
import { beginRun } from '../../src/runs/run.ts'
import { host } from '../preflight/subject.ts'

let room: string
beforeEach(() => {
  room = mkdtempSync(join(tmpdir(), 'state-'))
  vi.stubEnv('XDG_STATE_HOME', room)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(room, { recursive: true })
})

const settings = { inventory: ['i.yaml'], limit: undefined, lease: 30 }
const end = { outcome: 'done', words: 'changed 1 of 1', exitCode: 0, finished: true } as const

function newRun() {
  const view = { emit: () => {}, flushed: async () => {} }
  return beginRun('apply', 4, view, new AbortController().signal)
}

/** The runs of the state directory, after a run that has begun its journal has done some work. */
async function pastAfter(
  work: () => Promise<{ readonly end: typeof end }>,
): Promise<readonly RunSummary[]> {
  const run = newRun()
  await beginJournal([host], settings, run)
  await endInJournal(work(), run).catch(() => undefined)
  return (await listRuns(runsDirectory())).runs
}

describe('beginJournal', () => {
  it('writes down the hosts of the run by name and address', async () => {
    const [past] = await pastAfter(async () => ({ end }))
    expect(past?.begun).toMatchObject({ hosts: [host.name], addresses: [host.address] })
  })

  it('stops a run whose journal cannot be opened, and says that nothing has happened', async () => {
    vi.stubEnv('XDG_STATE_HOME', '/proc/nowhere')
    const run = newRun()
    await expect(beginJournal([host], settings, run)).rejects.toMatchObject({
      code: 'journal',
      message: expect.stringMatching(
        /^The journal \/proc\/nowhere\S+ cannot be written: .*\. fw-run connected to no host, and changed nothing\.$/,
      ),
      remedy: expect.stringMatching(/XDG_STATE_HOME/),
    })
    expect(run.journal.isBegun()).toBe(false)
  })
})

describe('endInJournal', () => {
  it('writes down how the work ended', async () => {
    const [past] = await pastAfter(async () => ({ end }))
    expect(past).toMatchObject({ state: 'finished', ended: { ...end, idle: true } })
  })

  it('calls only a run idle that had planned no change', async () => {
    const run = newRun()
    await beginJournal([host], settings, run)
    await run.journal.keep({ kind: 'planned', plans: [] })
    await endInJournal(Promise.resolve({ end }), run)
    const { runs } = await listRuns(runsDirectory())
    expect(runs.map(({ ended }) => ended?.idle)).toEqual([undefined])
  })

  it('writes down with the end the last number, which comes after that of a run that began meanwhile', async () => {
    const work = async () => {
      const other = newRun()
      await beginJournal([host], settings, other)
      await endInJournal(Promise.resolve({ end }), other)
      expect(run.journal.number()).toEqual({ sequence: 3 })
      return { end }
    }
    const run = newRun()
    expect(run.journal.number()).toEqual({})
    await beginJournal([host], settings, run)
    await endInJournal(work(), run)
    const { runs } = await listRuns(runsDirectory())
    const numbers = runs.map(({ begun, lastNumber }) => [begun.sequence, lastNumber])
    expect(numbers).toEqual([
      [2, undefined],
      [1, 3],
    ])
  })

  it.each([
    [new FwRunError('credentials', 'No key.'), 'failed: No key.', 1],
    [new FwRunError('interrupted', 'Stopped.'), 'failed: Stopped.', 130],
    [new TypeError('x is not a function'), 'failed: a bug in fw-run', 1],
  ])('writes down which fault ended it: %s', async (error, words, exitCode) => {
    const [past] = await pastAfter(() => Promise.reject(error))
    expect(past?.ended).toMatchObject({ outcome: 'failed', words, exitCode, finished: false })
  })

  it('passes on the fault that ended the work although the journal cannot be closed', async () => {
    const run = newRun()
    await beginJournal([host], settings, run)
    run.journal.end(end)
    await expect(endInJournal(Promise.reject(new Error('first')), run)).rejects.toThrow('first')
  })

  it('passes on the result, or the fault, of a run without a journal', async () => {
    const result = { end }
    expect(await endInJournal(Promise.resolve(result), newRun())).toBe(result)
    await expect(endInJournal(Promise.reject(new Error('no')), newRun())).rejects.toThrow('no')
    expect((await listRuns(runsDirectory())).runs).toEqual([])
  })
})
