import { execFileSync } from 'node:child_process'
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
import { basename, dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { demandChangeable } from '../../../../src/inventory/writing/file-change.ts'
import { copyBeside, editFile } from '../../../../src/inventory/writing/files/file-edit.ts'
import { faultOfAsync } from '../../fault.ts'

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

  it('keeps the ACL of the file and of its copy: the group gets no right of another user', async () => {
    await chmod(file, 0o600)
    giveAccess(file)
    const given = accessOf(file)
    expect(given).toMatch(/^user:4321:r--/m)
    expect(given).toMatch(/^group::---/m)
    // The mode of the group shows the mask of the ACL.
    expect((await stat(file)).mode & 0o777).toBe(0o640)
    await copyBeside(file, join(folder, 'copy'))
    await editFile(file, (text) => `${text} and new`)
    expect(await readFile(file, 'utf8')).toBe('old and new')
    expect(accessOf(file)).toBe(given)
    expect(accessOf(join(folder, 'copy'))).toBe(given)
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

const acl = 'user::rw-\nuser:4321:r--\ngroup::---\nmask::r--\nother::---'

/** Lets user 4321 read a file of mode 0600, as `setfacl -m u:4321:r` does: with tar, which more machines have. */
function giveAccess(file: string): void {
  const [folder, name] = [dirname(file), basename(file)]
  const option = `--pax-option=SCHILY.acl.access:=${acl}`
  const input = execFileSync('tar', ['-c', '--format=posix', option, '-C', folder, name])
  execFileSync('tar', ['-x', '--acls', '-C', folder], { input })
}

/** The ACL of a file, as tar records it; undefined if it has none. */
function accessOf(file: string): string | undefined {
  const words = ['-c', '--format=posix', '--acls', '-C', dirname(file), basename(file)]
  return /SCHILY\.acl\.access=([\w:\n-]*other::\S{3})/.exec(
    execFileSync('tar', words).toString('latin1'),
  )?.[1]
}
