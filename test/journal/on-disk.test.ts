import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { RunEvent } from '../../src/events.ts'
import { journalFile, runsDirectory } from '../../src/journal/directory.ts'
import { append, openJournal } from '../../src/journal/journal.ts'
import { knownRuns, pastRuns } from '../../src/runs/known-runs.ts'
import { begun, planned, writeJournal } from './runs.ts'

const synced = vi.hoisted(() => new Map<string, string>())
/** `faults`: how often the disk will fail; `meanwhile` happens before. `room`: how many bytes are left; unset: enough. `forbidden`: a file that this user may not read. `linkless`: the code with which it refuses links. */
const disk = vi.hoisted(() => ({
  full: false,
  faults: 0,
  meanwhile: (): void => {},
  room: undefined as number | undefined,
  forbidden: '',
  linkless: '',
}))

vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>()
  const opened = new Map<number, string>()
  const openSync = (...given: Parameters<typeof real.openSync>): number => {
    if (disk.full && `${given[0]}`.includes('sequence.'))
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
    const descriptor = real.openSync(...given)
    opened.set(descriptor, `${given[0]}`)
    return descriptor
  }
  const fsync = (descriptor: number, done: (error: Error | null) => void): void => {
    const file = opened.get(descriptor) ?? ''
    const text = readFileSync(file, 'utf8')
    disk.meanwhile()
    if (disk.faults > 0) {
      disk.faults--
      done(Object.assign(new Error('EIO: i/o error'), { code: 'EIO' }))
      return
    }
    real.fsync(descriptor, (error) => {
      synced.set(file, text)
      done(error)
    })
  }
  const fsyncSync = (descriptor: number): void => {
    real.fsyncSync(descriptor)
    const file = opened.get(descriptor) ?? ''
    synced.set(file, readFileSync(file, 'utf8'))
  }
  const writeSync = (descriptor: number, bytes: Buffer, from = 0): number => {
    if (disk.room === 0)
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
    const written = real.writeSync(
      descriptor,
      bytes,
      from,
      Math.min(disk.room ?? Number.POSITIVE_INFINITY, bytes.length - from),
    )
    if (disk.room !== undefined) disk.room -= written
    return written
  }
  const linkSync = (from: string, to: string): void => {
    if (disk.linkless) throw Object.assign(new Error('no links'), { code: disk.linkless })
    real.linkSync(from, to)
    for (const [descriptor, file] of opened) if (file === from) opened.set(descriptor, to)
  }
  return { ...real, linkSync, openSync, fsync, fsyncSync, writeSync }
})

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>()
  const open = async (path: string): Promise<unknown> => {
    if (path === disk.forbidden)
      throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' })
    const handle = await real.open(path)
    const sync = async (): Promise<void> => {
      await real.open(path).then((other) => other.sync().finally(() => other.close()))
      synced.set(path, '')
    }
    return Object.assign(handle, { sync })
  }
  return { ...real, open }
})

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'journal-'))
})
afterEach(() => {
  Object.assign(disk, {
    full: false,
    faults: 0,
    meanwhile: () => {},
    room: undefined,
    forbidden: '',
    linkless: '',
  })
  synced.clear()
  rmSync(directory, { recursive: true })
})

it.each(['EPERM', 'ENOTSUP', 'ENOSYS'])(
  'begins a journal on a disk that refuses links with %s, and never over another',
  (code) => {
    disk.linkless = code
    const file = writeJournal(directory, '20261123-041500-3f9a', begun)
    const text = readFileSync(file, 'utf8')
    expect(text).toContain('"begun"')
    expect(() => writeJournal(directory, '20261123-041500-3f9a', begun)).toThrow(/be written/)
    expect(readFileSync(file, 'utf8')).toBe(text)
  },
)

it('keeps an event only once the journal and its name are on the disk', async () => {
  const run = '20261123-041500-3f9a'
  const journal = openJournal(directory, run, begun, () => {})
  journal.note(planned)
  expect(synced.size).toBe(0)
  await journal.keep({ kind: 'decided' })
  expect(synced.get(journalFile(directory, run))).toMatch(/"planned".*\n.*"decided"\}\n$/)
  expect([...synced.keys()]).toContain(directory)
  journal.close()
})

it.each([
  ['and says so to the disk', 1],
  ['also where the disk takes nothing more', 9],
])('takes an event back that it could not keep, %s', async (_, faults) => {
  const run = '20261123-041500-3f9a'
  const file = journalFile(directory, run)
  const journal = openJournal(directory, run, begun, () => {})
  journal.note(planned)
  const before = readFileSync(file, 'utf8')
  const step = { kind: 'step', phase: 'verify', host: 'n1', ok: true } as const
  disk.faults = faults
  disk.meanwhile = () => {
    disk.meanwhile = () => {}
    journal.note(step)
  }
  await expect(journal.keep({ kind: 'decided' })).rejects.toThrow('cannot be written')
  const after = readFileSync(file, 'utf8')
  expect(after.startsWith(before)).toBe(true)
  expect(after.slice(before.length)).toMatch(/^\{"time":"[^"]+","kind":"step",.*\}\n$/)
  expect(synced.get(file)).toBe(faults === 1 ? after : undefined)
  disk.faults = 0
  await journal.keep({ kind: 'undecided' })
  expect(synced.get(file)).toMatch(/"undecided"\}\n$/)
  journal.close()
})

it('cuts nothing off the file that got its descriptor, if it was closed meanwhile', async () => {
  const other = join(directory, 'inventory.yaml')
  const text = 'all: {}\n'.repeat(1000)
  writeFileSync(other, text)
  const journal = openJournal(directory, '20261123-041500-3f9a', begun, () => {})
  let opened = -1
  disk.faults = 1
  disk.meanwhile = () => {
    journal.close()
    opened = openSync(other, 'r+')
  }
  await expect(journal.keep(planned)).rejects.toThrow('cannot be written')
  closeSync(opened)
  expect(readFileSync(other, 'utf8')).toBe(text)
})

it('takes only the event back that it could not keep, of several at once', async () => {
  const run = '20261123-041500-3f9a'
  const journal = openJournal(directory, run, begun, () => {})
  disk.faults = 1
  const kept = await Promise.allSettled([
    journal.keep({ kind: 'decided' }),
    journal.keep(planned),
    journal.keep({ kind: 'undecided' }),
  ])
  expect(kept.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
  const text = readFileSync(journalFile(directory, run), 'utf8')
  expect(text.match(/"kind":"(decided|planned|undecided)"/g)).toEqual([
    '"kind":"planned"',
    '"kind":"undecided"',
  ])
  journal.close()
})

it('ends at once where the number of the run cannot be written, and leaves no journal', () => {
  disk.full = true
  expect(() => openJournal(directory, '20261123-041500-3f9a', begun, () => {})).toThrow(
    'the disk is full',
  )
  expect(readdirSync(directory)).toEqual([])
})

it('adds an event to a past journal only if the whole line is on the disk', () => {
  const run = '20261123-041500-3f9a'
  openJournal(directory, run, begun, () => {}).close()
  const file = journalFile(directory, run)
  disk.room = 20
  expect(() => append(file, { kind: 'finished-by', run: 'r2' })).toThrow('the disk is full')
  disk.room = undefined
  append(file, { kind: 'finished-by', run: 'r2' })
  expect(synced.get(file)).toMatch(/\n[^\n]*"finished-by","run":"r2"\}\n$/)
})

it('stops who must know all past runs if this user may not read one, and says whose it should be', async () => {
  vi.stubEnv('XDG_STATE_HOME', directory)
  const file = writeJournal(runsDirectory(), '20261123-041500-3f9a', begun, planned)
  disk.forbidden = file
  const warned: string[] = []
  const emit = (event: RunEvent) => event.kind === 'warning' && warned.push(event.message)
  const run = { emit } as never
  expect(await pastRuns(run)).toEqual({ runs: [], complete: false })
  const command = /To make it yours: `(sudo )?chown \$\(id -un\) \S+ && chmod go-w \S+`\./
  expect(warned).toEqual([expect.stringMatching(command)])
  expect(warned[0]).not.toMatch(/move/i)
  await expect(knownRuns(run)).rejects.toMatchObject({
    message: `The journal ${file} cannot be read: this user may not read it, so fw-run stops.`,
    remedy: expect.stringMatching(command),
  })
  vi.unstubAllEnvs()
})
