import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { journalFile } from '../../src/journal/directory.ts'
import { openJournal } from '../../src/journal/journal.ts'
import { begun, planned } from './runs.ts'

const synced = vi.hoisted(() => new Map<string, string>())
const disk = vi.hoisted(() => ({ full: false }))

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
    real.fsync(descriptor, (error) => {
      synced.set(file, text)
      done(error)
    })
  }
  return { ...real, openSync, fsync }
})

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>()
  const open = async (path: string): Promise<unknown> => {
    const handle = await real.open(path)
    const sync = async (): Promise<void> => {
      await handle.sync()
      synced.set(path, '')
    }
    return { sync, close: () => handle.close() }
  }
  return { ...real, open }
})

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'journal-'))
})
afterEach(() => {
  disk.full = false
  rmSync(directory, { recursive: true })
})

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

it('ends at once where the number of the run cannot be written, and leaves no journal', () => {
  disk.full = true
  expect(() => openJournal(directory, '20261123-041500-3f9a', begun, () => {})).toThrow(
    'the disk is full',
  )
  expect(readdirSync(directory)).toEqual([])
})
