import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  fileChange,
  makeFileChange,
  takeBackFileChange,
} from '../../src/inventory/writing/file-change.ts'

/** What was done with the disk, in order; `unreadable`: directories cannot be opened. */
const disk = vi.hoisted(() => ({ done: [] as string[], unreadable: false }))
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>()
  return {
    ...real,
    async open(...given: Parameters<typeof real.open>): Promise<FileHandle> {
      const isDirectory = (await real.stat(given[0]).catch(() => undefined))?.isDirectory()
      if (isDirectory && disk.unreadable) throw new Error('EACCES: permission denied')
      const handle = await real.open(...given)
      const sync = handle.sync.bind(handle)
      handle.sync = async () => {
        disk.done.push(`sync ${isDirectory ? 'directory' : 'file'}`)
        await sync()
      }
      return handle
    },
    async rename(...given: Parameters<typeof real.rename>): Promise<void> {
      disk.done.push(`rename to ${basename(`${given[1]}`)}`)
      await real.rename(...given)
    },
  }
})

let directory = ''
let file = ''
const texts = { before: 'all: { hosts: { a: } }\n', after: 'all: { hosts: { a: , b: } }\n' }
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'disk-'))
  file = join(directory, 'inventory.yaml')
  writeFileSync(file, texts.before)
  disk.done = []
  disk.unreadable = false
})
afterEach(() => rmSync(directory, { recursive: true }))

describe('a change of an inventory file', () => {
  it('has its new name on the disk before anything follows it, and so has the old one when it is taken back', async () => {
    const change = await fileChange(file, texts, 'r1')
    await makeFileChange(change, texts.after)
    const named = ['sync file', 'rename to inventory.yaml', 'sync directory']
    expect(disk.done.slice(-3)).toEqual(named)
    disk.done = []
    expect(await takeBackFileChange(change)).toBe('restored')
    expect(disk.done).toEqual(named.slice(1))
  })

  it('is made also in a directory that this user may write and not read', async () => {
    disk.unreadable = true
    await makeFileChange(await fileChange(file, texts, 'r1'), texts.after)
    expect(readFileSync(file, 'utf8')).toBe(texts.after)
  })
})
