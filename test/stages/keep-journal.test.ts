import { afterEach, expect, it, vi } from 'vitest'
import { keepJournal } from '../../src/stages/keep-journal.ts'
import { beginRun } from '../../src/stages/run.ts'

afterEach(() => vi.unstubAllEnvs())

it('a journal that cannot be opened stops the run, and says that nothing has happened', async () => {
  vi.stubEnv('XDG_STATE_HOME', '/proc/nowhere')
  const view = { emit: () => {}, settled: async () => {} }
  const run = beginRun('apply', 4, view, new AbortController().signal)
  const settings = { inventory: 'i.yaml', limit: undefined, lease: 30 }
  const work = vi.fn(async () => 'done')
  const end = { outcome: 'done', words: '', exitCode: 0, settled: true } as const
  await expect(keepJournal(['node1'], settings, run, () => end, work)).rejects.toMatchObject({
    code: 'journal',
    message: expect.stringMatching(
      /^The journal \/proc\/nowhere\S+ cannot be written: .*\. No host was connected to, nothing was changed\.$/,
    ),
    remedy: expect.stringContaining('XDG_STATE_HOME'),
  })
  expect(work).not.toHaveBeenCalled()
})
