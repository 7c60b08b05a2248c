import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadInventory } from '../../../src/inventory/load.ts'
import { faultOfAsync } from '../fault.ts'

describe(loadInventory.name, () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fw-run-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  const load = (name: string) => loadInventory([join(folder, name)], { extraVars: [] })
  const message = async (name: string) => (await faultOfAsync(load(name))).message

  it('says that a file is missing, and how to get one', async () => {
    const error = await faultOfAsync(load('nowhere.yaml'))
    expect(error.message).toMatch(/nowhere\.yaml: no such file\.$/)
    expect(error.remedy).toContain('`fw-run init` writes one')
  })

  it('says that a directory has no inventory in it', async () => {
    expect(await message('.')).toMatch(/: is a directory without inventories$/)
  })

  it('says that a file may not be read', async () => {
    await chmod(folder, 0o755)
    await writeFile(join(folder, 'locked.yaml'), 'all:')
    await chmod(join(folder, 'locked.yaml'), 0)
    const root = process.geteuid?.() === 0
    // Root may read everything, so it becomes nobody for as long as it tries.
    if (root) process.seteuid?.(65534)
    const said = await message('locked.yaml').finally(() => root && process.seteuid?.(0))
    expect(said).toMatch(/this user cannot read the file/)
  })

  it('names the character that is not UTF-8', async () => {
    await writeFile(
      join(folder, 'latin1.yaml'),
      Buffer.from('all:\n  # caf\xe9\n  hosts:\n', 'latin1'),
    )
    expect(await message('latin1.yaml')).toMatch(/latin1\.yaml:2:8: is not UTF-8 text\.$/)
  })
})
