import { chmod, chown, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { editFile } from '../../../../src/inventory/writing/files/file-edit.ts'
import { faultOfAsync } from '../../fault.ts'

describe(`${editFile.name}, by root`, () => {
  let folder = ''
  let file = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fw-run-'))
    file = join(folder, 'hosts.yaml')
    await writeFile(file, 'old')
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('keeps the owner', async () => {
    await chown(file, 1234, 5678)
    await editFile(file, (text) => `${text} and new`)
    expect(await stat(file)).toMatchObject({ uid: 1234, gid: 5678 })
  })

  it('replaces a file that its owner may only read', async () => {
    await chown(folder, 65534, 0)
    await chown(file, 65534, 0)
    await chmod(file, 0o400)
    process.seteuid?.(65534)
    await editFile(file, () => 'new').finally(() => process.seteuid?.(0))
    expect(await readFile(file, 'utf8')).toBe('new')
    expect((await stat(file)).mode & 0o777).toBe(0o400)
  })

  it('refuses where the owner cannot be kept', async () => {
    await chmod(folder, 0o777)
    await chmod(file, 0o644)
    process.seteuid?.(65534)
    const fault = await faultOfAsync(editFile(file, () => 'ours')).finally(() =>
      process.seteuid?.(0),
    )
    expect(fault.message).toMatch(/hosts\.yaml: cannot be written: EPERM/)
    expect(await readFile(file, 'utf8')).toBe('old')
    expect(await readdir(folder)).toEqual(['hosts.yaml'])
  })
})
