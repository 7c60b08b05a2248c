import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseInventory } from '../../../src/inventory/load.ts'
import type { PastRun } from '../../../src/journal/past-run.ts'
import { absence, ifGone } from '../../../src/recovery/finishing/missing-hosts.ts'
import { begun, pastRunOf, planned } from '../../journal/runs.ts'

let room: string
beforeEach(() => {
  room = mkdtempSync(join(tmpdir(), 'missing-'))
})
afterEach(() => rmSync(room, { recursive: true }))

/** What is said of the last host of a past run, with an inventory that has one host: one of that run, unless at another address. */
function words(past: PastRun, file = begun.inventory, address = '192.0.2.12'): string {
  const text = `all: { hosts: { node2: { ansible_host: ${address} } } }`
  const inventory = parseInventory(text, file, { extraVars: [] })
  const host = past.hosts.at(-1)
  if (!host) throw new TypeError('no host')
  const found = absence(host, past, inventory)
  return `${found?.kind === 'unfinished' ? found.remedy : ''}\n${ifGone(host, past)}`
}

describe('a host of a past run that is gone', () => {
  it('is to be deleted from the inventory, then any run on that finishes the past run', () => {
    expect(words(pastRunOf(begun, planned))).toMatch(
      /Otherwise run `fw-run apply`.*\n.* delete it from the inventory file\. Then run/,
    )
  })

  it('is not done by a run on another inventory', () => {
    const said = words(pastRunOf(begun, planned), 'other.yaml')
    expect(said).toMatch(
      /Otherwise run `fw-run recover \S+ -i \/home\/ann\/inventory\.yaml`\. .* exists any more, move \S+ndjson to another/,
    )
    expect(said).not.toMatch(/`fw-run apply` .*\n/)
  })

  it('does not lead to the very file that now has none of its hosts', () => {
    const said = words(pastRunOf(begun, planned), begun.inventory, '198.51.100.12')
    expect(said).toMatch(
      /Otherwise the inventory was changed after run (\S+), and now has no host of that run\. .*run `fw-run recover \1 -i OLD_FILE`\. If no host/,
    )
    expect(said).not.toMatch(/-i \/home/)
  })

  it('needs no old inventory file any more, if that run was to remove it from the inventory', () => {
    const backup = join(room, '.it is.before-r1')
    const change = { kind: 'remove', name: 'node3', leaveOutside: false } as const
    const sums = { before: 'a', after: 'b' }
    const edit = {
      kind: 'inventory-edit',
      file: join(room, 'it is'),
      backup,
      ...sums,
      change,
    } as const
    const past = pastRunOf(begun, edit, planned, { kind: 'decided' })
    writeFileSync(backup, '')
    expect(words(past).split(`\`rm '${backup}'\`. Then run`)).toHaveLength(3)
    rmSync(backup)
    expect(words(past)).not.toContain(backup)
  })
})
