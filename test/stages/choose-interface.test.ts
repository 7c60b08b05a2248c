import { describe, expect, it } from 'vitest'
import type { OpenedHost } from '../../src/cluster/open-hosts.ts'
import { beginRun } from '../../src/runs/run.ts'
import type { RunSettings } from '../../src/runs/run-settings.ts'
import { chooseInterface, choosingOnce } from '../../src/stages/choose-interface.ts'
import { factsWith, host } from '../preflight/subject.ts'

const view = { emit: () => {}, flushed: async () => {} }
const run = beginRun('status', 4, view, new AbortController().signal)
const settings = { inventory: [], yes: true } as unknown as RunSettings

/** A host with these guarded interfaces in the inventory, opened. */
function opened(interfaces: readonly string[], texts: Parameters<typeof factsWith>[0] = {}) {
  const one = { ...host, settings: { ...host.settings, interfaces } }
  return { host: one, findings: [], link: undefined, facts: factsWith(texts) }
}

const asked = (...opened: readonly OpenedHost[]) => ({ opened, inventory: { files: new Map() } })

describe('chooseInterface', () => {
  it('leaves a host whose interfaces cannot be read to the check that says why', async () => {
    const unread = opened([], { routes: { text: 'Dump terminated', code: 2 } })
    const interfacesOf = await chooseInterface(asked(unread), settings, run)
    expect(interfacesOf(unread.host)).toEqual([])
  })

  it('refuses a host that has no interface to choose, by its name', async () => {
    const bare = opened([], { addresses: '' })
    await expect(chooseInterface(asked(bare), settings, run)).rejects.toMatchObject({
      code: 'usage',
      message:
        'fw_interface is not set for node1, and fw-run found no interface with an IPv4 address there.',
      remedy: expect.stringContaining('--interface NAME'),
    })
  })
})

describe('choosingOnce', () => {
  it('does not take it for an answer that no question was needed', async () => {
    const choose = choosingOnce()
    const set = opened(['ens18'])
    expect((await choose(asked(set), settings, run))(set.host)).toEqual(['ens18'])
    // There is no terminal to ask on.
    await expect(choose(asked(opened([])), settings, run)).rejects.toMatchObject({ code: 'usage' })
    expect((await choose(asked(set), settings, run))(set.host)).toEqual(['ens18'])
  })
})
