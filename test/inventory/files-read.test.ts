import { mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { changedFileOf } from '../../src/inventory/files-read.ts'
import { loadInventory } from '../../src/inventory/load.ts'
import { saveVariable } from '../../src/inventory/writing/save-variable.ts'

let room = ''
let file = ''
const text = 'all:\n  hosts:\n    node1: { ansible_host: 192.0.2.11 }\n'
beforeEach(() => {
  room = mkdtempSync(join(tmpdir(), 'inventory-'))
  file = join(room, 'hosts.yaml')
  writeFileSync(file, text)
  mkdirSync(join(room, 'group_vars'))
  writeFileSync(join(room, 'group_vars', 'all.yml'), 'fw_action: DROP\n')
  writeFileSync(join(room, 'more.yml'), 'fw_published: block\n')
})
afterEach(() => rmSync(room, { recursive: true }))

const load = (texts?: ReadonlyMap<string, string>) =>
  loadInventory([file], { extraVars: [`@${join(room, 'more.yml')}`], ...(texts && { texts }) })

describe('changedFileOf', () => {
  it.each([
    ['the inventory file', 'hosts.yaml'],
    ['a file of variables beside it', 'group_vars/all.yml'],
    ['the file of -e', 'more.yml'],
  ])('names %s once it is another one, or is gone', async (_, name) => {
    const { files } = await load()
    expect(await changedFileOf(files)()).toBeUndefined()
    writeFileSync(join(room, name), `${text}# more\n`)
    expect(await changedFileOf(files)()).toBe(join(room, name))
    rmSync(join(room, name))
    expect(await changedFileOf(files)()).toBe(join(room, name))
  })

  it('names the directory of variables that was not there, or had not that file', async () => {
    const { files } = await load()
    mkdirSync(join(room, 'host_vars'))
    expect(await changedFileOf(files)()).toBeUndefined()
    writeFileSync(join(room, 'host_vars', 'node1.yml'), 'fw_position: 3\n')
    expect(await changedFileOf(files)()).toBe(join(room, 'host_vars', '/'))
  })

  it.each(['.all.yml.swp', '.#all.yml', 'all.yml~'])(
    'does not count the file %s that an editor makes beside those that are read',
    async (name) => {
      rmSync(join(room, 'more.yml'))
      const { files } = await loadInventory([room], { extraVars: [] })
      for (const directory of ['.', 'group_vars']) writeFileSync(join(room, directory, name), '')
      expect(await changedFileOf(files)()).toBeUndefined()
      writeFileSync(join(room, 'more'), 'node2\n')
      expect(await changedFileOf(files)()).toBe(join(room, '/'))
    },
  )

  it('does not look at a file in whose place another text was read: who edits it looks himself', async () => {
    const { files } = await load(new Map([[file, `${text}# with a host more\n`]]))
    expect(await changedFileOf(files)()).toBeUndefined()
  })

  it('does not count what this run has saved itself, but what others had changed before', async () => {
    const { files } = await load()
    await saveVariable(file, 'fw_interface', 'ens18', files)
    expect(await changedFileOf(files)()).toBeUndefined()
    writeFileSync(file, `${text}    node2: { ansible_host: 192.0.2.12 }\n`)
    await saveVariable(file, 'fw_interface', 'ens18', files)
    expect(await changedFileOf(files)()).toBe(file)
  })

  it('does not count variables that are not read: those above the directory of the inventory', async () => {
    const above = join(room, 'group_vars', 'all.yml')
    mkdirSync(join(room, 'inv'))
    const inside = join(room, 'inv', 'hosts.yaml')
    writeFileSync(inside, text)
    const { files, warnings } = await loadInventory([inside], { extraVars: [] })
    expect(warnings.join()).toContain('is not read')
    writeFileSync(above, 'fw_action: REJECT\n')
    expect(await changedFileOf(files)()).toBeUndefined()
  })

  it('finds a text of the same length with the old time, also where it had looked before', async () => {
    const { files } = await load()
    const changedFile = changedFileOf(files)
    // As if the files had been written long ago: then they are not read again without need.
    const later = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 3_600_000)
    expect(await changedFile()).toBeUndefined()
    const { atime, mtime } = statSync(file)
    writeFileSync(file, text.replace('node1', 'node2'))
    utimesSync(file, atime, mtime)
    expect(await changedFile()).toBe(file)
    writeFileSync(file, text)
    expect(await Promise.all([changedFile(), changedFile()])).toEqual([undefined, undefined])
    later.mockRestore()
  })
})
