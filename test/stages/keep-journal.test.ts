import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { runsDirectory } from '../../src/journal/directory.ts'
import { listRuns } from '../../src/journal/past-runs.ts'
import { keepJournal } from '../../src/stages/keep-journal.ts'
import { beginRun } from '../../src/stages/run.ts'
import { host } from '../preflight/subject.ts'

afterEach(() => vi.unstubAllEnvs())

const view = { emit: () => {}, flushed: async () => {} }
const settings = { inventory: 'i.yaml', limit: undefined, lease: 30 }
const end = { outcome: 'done', words: '', exitCode: 0, finished: true } as const

it('a journal tells the hosts of its run by name and address', async () => {
  const room = mkdtempSync(join(tmpdir(), 'state-'))
  vi.stubEnv('XDG_STATE_HOME', room)
  const run = beginRun('apply', 4, view, new AbortController().signal)
  await keepJournal(
    [host],
    settings,
    run,
    () => end,
    async () => 'done',
  )
  const [past] = (await listRuns(runsDirectory())).runs
  rmSync(room, { recursive: true })
  expect(past?.begun).toMatchObject({ hosts: [host.name], addresses: [host.address] })
})

it('a journal that cannot be opened stops the run, and says that nothing has happened', async () => {
  vi.stubEnv('XDG_STATE_HOME', '/proc/nowhere')
  const run = beginRun('apply', 4, view, new AbortController().signal)
  const work = vi.fn(async () => 'done')
  await expect(keepJournal([host], settings, run, () => end, work)).rejects.toMatchObject({
    code: 'journal',
    message: expect.stringMatching(
      /^The journal \/proc\/nowhere\S+ cannot be written: .*\. No host was connected to, nothing was changed\.$/,
    ),
    remedy: expect.stringMatching(/XDG_STATE_HOME, needs a copy of all past runs/),
  })
  expect(work).not.toHaveBeenCalled()
})
