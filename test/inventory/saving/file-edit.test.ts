import { writeFileSync } from 'node:fs'
import {
  chmod,
  lstat,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { demandChangeable } from '../../../src/inventory/file-change.ts'
import { editFile } from '../../../src/inventory/saving/file-edit.ts'
import { faultOfAsync } from '../fault.ts'

describe(editFile.name, () => {
  let folder = ''
  let file = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fw-run-'))
    file = join(folder, 'hosts.yaml')
    await writeFile(file, 'old')
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('is known to be impossible before any host is changed, where no file can be made beside it', async () => {
    await demandChangeable(file)
    expect(await readdir(folder)).toEqual(['hosts.yaml'])
    const { message, remedy } = await faultOfAsync(demandChangeable('/proc/version'))
    expect(message).toMatch(/^\/proc\/version: cannot be written: .*changed nothing\.$/)
    expect(remedy).toContain('`ls -ld /proc /proc/version`')
  })

  it('keeps mode and symbolic link, and leaves no other file', async () => {
    await chmod(file, 0o604)
    const { mode } = await stat(file)
    const link = join(folder, 'link.yaml')
    await symlink('hosts.yaml', link)
    await editFile(link, (text) => `${text} and new`)
    expect(await readFile(file, 'utf8')).toBe('old and new')
    expect(await stat(file)).toMatchObject({ mode })
    expect((await lstat(link)).isSymbolicLink()).toBe(true)
    expect((await readdir(folder)).sort()).toEqual(['hosts.yaml', 'link.yaml'])
  })

  it('does not touch a file that stays the same', async () => {
    const { ino } = await stat(file)
    await editFile(file, (text) => text)
    expect((await stat(file)).ino).toBe(ino)
  })

  it('refuses where somebody else has changed the file meanwhile', async () => {
    const edit = (): string => {
      writeFileSync(file, 'theirs')
      return 'ours'
    }
    const { message, remedy } = await faultOfAsync(editFile(file, edit))
    expect(message).toBe(`${file}: another program has changed this file.`)
    expect(remedy).toBe('Run the same command again.')
    expect(await readFile(file, 'utf8')).toBe('theirs')
    expect(await readdir(folder)).toEqual(['hosts.yaml'])
  })
})
