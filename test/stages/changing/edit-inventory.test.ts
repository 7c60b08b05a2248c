import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { NewEvent } from '../../../src/journal/event.ts'
import { exitCode } from '../../../src/outcomes/exit-code.ts'
import { prepareEdit } from '../../../src/stages/changing/edit-inventory.ts'
import { runReport } from '../../report/run.ts'

const texts = { before: 'all: { hosts: { a: } }\n', after: 'all: { hosts: { a: , b: } }\n' }

describe('an edit of the inventory file where no host is to be changed', () => {
  let directory = ''
  let noted: NewEvent[] = []
  /** What lies in the directory at the decision. */
  let besides: readonly string[] = []
  let interruption = new AbortController()
  beforeEach(() => {
    interruption = new AbortController()
    directory = mkdtempSync(join(tmpdir(), 'edit-'))
    noted = []
  })
  afterEach(() => rmSync(directory, { recursive: true }))

  const prepared = (check: boolean, interrupt = (): void => {}) => {
    const file = join(directory, 'inventory.yaml')
    writeFileSync(file, texts.before)
    const note = (event: NewEvent) => void noted.push(event)
    const keep = async (event: NewEvent): Promise<void> => {
      note(event)
      interrupt()
      besides = readdirSync(directory)
    }
    const journal = { note, keep }
    const { signal } = interruption
    const run = { id: '20261123-050000-0002', journal, signal, emit: () => {} } as never
    return prepareEdit({ file, ...texts }, { kind: 'add', name: 'b' }, { check }, run)
  }

  it('is pending with --check', async () => {
    const edit = await prepared(true)
    const found = await edit.finish(runReport('done', []))
    expect(exitCode(found)).toBe(3)
    expect(readFileSync(join(directory, 'inventory.yaml'), 'utf8')).toBe(texts.before)
  })

  it('puts no old file aside: a runner that is killed at its decision leaves nothing behind', async () => {
    const edit = await prepared(false)
    await edit.alone()
    expect(besides).toEqual(['inventory.yaml'])
  })

  it('is not decided where somebody else has changed the file meanwhile: their text stays', async () => {
    const edit = await prepared(false)
    const theirs = 'all: { hosts: { c: } }\n'
    writeFileSync(join(directory, 'inventory.yaml'), theirs)
    await expect(edit.alone()).rejects.toThrow('another program has changed this file')
    expect(noted.at(-1)?.kind).toBe('undecided')
    expect(readFileSync(join(directory, 'inventory.yaml'), 'utf8')).toBe(theirs)
  })

  it('is not made where Ctrl-C comes before or while its decision is written', async () => {
    const written = await prepared(false, () => interruption.abort())
    await expect(written.alone()).rejects.toMatchObject({ code: 'interrupted' })
    expect(noted.map(({ kind }) => kind)).toEqual(['inventory-edit', 'decided', 'undecided'])
    await expect(written.alone()).rejects.toMatchObject({ code: 'interrupted' })
    expect(noted).toHaveLength(3)
    expect(readFileSync(join(directory, 'inventory.yaml'), 'utf8')).toBe(texts.before)
  })

  it('is made, decided in the journal, and leaves no other file', async () => {
    const edit = await prepared(false)
    await edit.alone()
    expect(noted.map(({ kind }) => kind)).toEqual(['inventory-edit', 'decided'])
    const found = await edit.finish(runReport('done', []))
    expect(exitCode(found)).toBe(0)
    expect(found.edit).toMatchObject({ written: true })
    expect(readFileSync(join(directory, 'inventory.yaml'), 'utf8')).toBe(texts.after)
    expect(readdirSync(directory)).toEqual(['inventory.yaml'])
  })
})

describe('an edit of the inventory file before the decision about hosts', () => {
  it('is taken back where Ctrl-C comes before the decision is written', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'edit-'))
    const file = join(directory, 'inventory.yaml')
    writeFileSync(file, texts.before)
    const interruption = new AbortController()
    const run = { id: 'r1', journal: { note() {} }, emit() {}, signal: interruption.signal }
    const how = [{ kind: 'add', name: 'b' }, { check: false }, run as never] as const
    const edit = await prepareEdit({ file, ...texts }, ...how)
    const seen: string[] = []
    await edit.around(async () => void seen.push(readFileSync(file, 'utf8')))
    expect(seen).toEqual([texts.after])
    writeFileSync(file, texts.before)
    interruption.abort()
    await expect(edit.around(async () => void seen.push('decided'))).rejects.toMatchObject({
      code: 'interrupted',
    })
    expect(seen).toHaveLength(1)
    expect(readFileSync(file, 'utf8')).toBe(texts.before)
    rmSync(directory, { recursive: true })
  })
})
