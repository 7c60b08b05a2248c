import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openJournal } from '../../src/journal/journal.ts'
import { readRun } from '../../src/journal/past-runs.ts'
import { begunHere, planned } from './runs.ts'

it('takes a run for running as long as its process lives', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'journal-'))
  const run = '20261123-041500-3f9a'
  const journal = openJournal(directory, run, begunHere, (message) => {
    throw new Error(message)
  })
  journal.note(planned)
  journal.close()
  expect((await readRun(run, join(directory, `${run}.ndjson`)))?.state).toBe('running')
  rmSync(directory, { recursive: true })
})
