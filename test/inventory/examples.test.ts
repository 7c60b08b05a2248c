import { readdir } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { loadInventory } from '../../src/inventory/load.ts'
import { setMembers } from '../../src/inventory/members.ts'
import { readInventoryFile } from '../../src/inventory/reading/inventory-file.ts'
import { settingNames } from '../../src/inventory/variables/variable-schemas.ts'

const FOLDER = new URL('../../inventories/', import.meta.url).pathname

describe('inventories', () => {
  it('all load without a warning', async () => {
    for (const name of await readdir(FOLDER)) {
      const inventory = await loadInventory([`${FOLDER}${name}`], { extraVars: [] })
      expect(inventory.warnings, name).toEqual([])
    }
  })

  it('show every setting in all-settings.yaml', async () => {
    const text = await readInventoryFile(`${FOLDER}all-settings.yaml`)
    for (const name of settingNames) expect(text).toMatch(new RegExp(`^ *(# )?${name}:`, 'm'))
  })

  it('put all addresses of the cluster, and not those of the bastion, into a Kubespray set', async () => {
    const inventory = await loadInventory([`${FOLDER}kubespray.yaml`], { extraVars: [] })
    expect(inventory.group).toBe('k8s_cluster')
    expect(inventory.hostsToProtect.map(({ name }) => name)).toEqual(['cp1', 'w1', 'w2'])
    const [first] = inventory.hostsToProtect
    expect(first && setMembers(inventory, first)).toEqual([
      '10.9.0.11',
      '10.9.0.21',
      '10.9.0.22',
      '192.0.2.11',
      '192.0.2.21',
      '192.0.2.22',
    ])
  })
})
