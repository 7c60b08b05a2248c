import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { journalFile } from '../../src/journal/directory.ts'
import type { NewEvent } from '../../src/journal/event.ts'
import { openJournal } from '../../src/journal/journal.ts'
import { readRun } from '../../src/journal/read-journals.ts'
import { begun, ended, planned, writeJournal } from './runs.ts'

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
const tell = (message: string): never => {
  throw new Error(message)
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

  it('makes it so under a umask that takes the rights of its owner', () => {
    const before = process.umask(0o777)
    try {
      write(id, begun)
    } finally {
      process.umask(before)
    }
    expect(statSync(journalFile(directory, id)).mode & 0o777).toBe(0o600)
    for (const made of [directory, join(room, 'fw-run')]) {
      expect(statSync(made).mode & 0o777).toBe(0o700)
    }
  })

  it('gives the file its name only once the first line is in it', () => {
    const seen: string[] = []
    const begins = {
      ...begun,
      get command(): string {
        seen.push(...readdirSync(directory).filter((name) => name.endsWith('.ndjson')))
        return 'apply'
      },
    }
    openJournal(directory, id, begins, tell).close()
    expect(seen).toEqual([])
    expect(readdirSync(directory).filter((name) => /3f9a/.test(name))).toEqual([`${id}.ndjson`])
  })

  it('never writes into the journal of another run', () => {
    write(id, begun)
    expect(() => openJournal(directory, id, begun, tell)).toThrow(/cannot be written/)
    expect(readdirSync(directory).filter((name) => name.endsWith('.new'))).toEqual([])
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
