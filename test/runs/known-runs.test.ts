import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { runsDirectory } from '../../src/journal/directory.ts'
import { knownRuns, pastRuns, readFully } from '../../src/runs/known-runs.ts'
import { beginRun } from '../../src/runs/run.ts'
import { begun, pastRunOf } from '../journal/runs.ts'

let room: string
let warnings: string[]
beforeEach(() => {
  room = mkdtempSync(join(tmpdir(), 'state-'))
  warnings = []
  vi.stubEnv('XDG_STATE_HOME', room)
  mkdirSync(dirname(runsDirectory()), { recursive: true })
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(room, { recursive: true })
})

const view = {
  emit: (event: { kind: string; message?: string }): void => {
    if (event.kind === 'warning') warnings.push(event.message ?? '')
  },
  flushed: async () => {},
}
const run = beginRun('runs', 4, view, new AbortController().signal)

describe('past runs that cannot be read', () => {
  it('stop who must know them, and only warn others', async () => {
    writeFileSync(runsDirectory(), 'no directory')
    expect(await pastRuns(run)).toEqual({ runs: [], complete: false })
    expect(warnings).toEqual([expect.stringMatching(/^Past runs are not known, because .*ENOTDIR/)])
    await expect(knownRuns(run)).rejects.toMatchObject({ code: 'journal', message: warnings[0] })
  })

  it('stop who must know them if one is not trusted, and are left out for others', async () => {
    mkdirSync(runsDirectory(), { mode: 0o700 })
    const file = join(runsDirectory(), '20261123-041500-3f9a.ndjson')
    writeFileSync(file, 'nonsense')
    chmodSync(file, 0o666)
    expect(await pastRuns(run)).toEqual({ runs: [], complete: false })
    expect(warnings).toEqual([
      `${file} can be written by other users (mode 666), so fw-run does not read it. If your own fw-run wrote this journal: \`chmod go-w ${file}\`. If not, move it to another directory.`,
    ])
    await expect(knownRuns(run)).rejects.toMatchObject({
      code: 'journal',
      message: `${file} can be written by other users (mode 666), so fw-run stops.`,
    })
    const [, command = ''] = /`(chmod [^`]+)`/.exec(warnings[0] ?? '') ?? []
    execFileSync('sh', ['-c', command])
    expect(await knownRuns(run)).toEqual([])
  })

  it('stop who must know them if one cannot be read, and nobody says to move it away', async () => {
    mkdirSync(runsDirectory(), { mode: 0o700 })
    const file = join(runsDirectory(), '20261123-041500-3f9a.ndjson')
    symlinkSync(file, file)
    expect(await pastRuns(run)).toEqual({ runs: [], complete: false })
    expect(warnings).toEqual([
      expect.stringMatching(
        /^The journal \S+ cannot be read: ELOOP: .*\. Remove the cause\. Then run the same command again\.$/,
      ),
    ])
    await expect(knownRuns(run)).rejects.toMatchObject({
      code: 'journal',
      message: expect.stringMatching(
        /^The journal \S+ cannot be read: ELOOP: .*, so fw-run stops\.$/,
      ),
    })
  })

  it('ask for the newest fw-run where a later version wrote one', async () => {
    mkdirSync(runsDirectory(), { mode: 0o700 })
    const file = join(runsDirectory(), '20261123-041500-3f9a.ndjson')
    writeFileSync(file, '{"kind":"begun","time":"2030-01-01T00:00:00.000Z"}\n', { mode: 0o600 })
    await expect(knownRuns(run)).rejects.toMatchObject({
      message: `The journal ${file} cannot be read: a later version of fw-run wrote it, so fw-run stops.`,
      remedy: 'Install the newest fw-run. Then run the same command again.',
    })
  })

  it('are named, if it is one of them', async () => {
    mkdirSync(runsDirectory())
    const file = join(runsDirectory(), '20261123-041500-3f9a.ndjson')
    writeFileSync(file, 'nonsense')
    expect(await pastRuns(run)).toEqual({ runs: [], complete: false })
    expect(warnings).toEqual([
      `${file} is not a journal, or its first line is lost. Move it to another directory.`,
    ])
  })
})

describe('readFully', () => {
  const runs = [{ ...pastRunOf(begun), file: '/nowhere/20261123-041500-3f9a.ndjson' }]

  it('leaves out a journal that was deleted meanwhile', async () => {
    expect(await readFully(runs)).toEqual([])
  })

  it('says which journal it cannot read', async () => {
    await expect(readFully([{ ...pastRunOf(begun), file: room }])).rejects.toMatchObject({
      code: 'journal',
      message: expect.stringMatching(`^The journal ${room} cannot be read: EISDIR`),
    })
  })
})
