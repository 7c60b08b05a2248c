import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { eventually } from '../eventually.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { executable, fwRun } from './fw-run.ts'

/** Waits on a host until a change is kept there, and until it has been read for the watch. */
const kept =
  'until iptables -S FORWARD | grep -q cluster_nodes && ! test -e /run/fw-run/lock; do sleep 0.2; done; sleep 4'

describe('apply --settle', () => {
  let lab: Lab
  afterEach(() => lab?.stop())

  it('ends well when others write, and the rule still works', async () => {
    lab = await startLab({ hosts: 2 })
    await lab
      .host('node2')
      .run(`(${kept}; iptables -I FORWARD -s 203.0.113.7 -j DROP) >/dev/null 2>&1 &`)
    const run = await fwRun(lab, ['apply', '--settle', '12'])
    expect(run.stdout).toContain('apply: done, 2 of 2 hosts changed.')
    expect(run.stdout).toContain(
      '  node1: no program changed FORWARD or the set within 12 s. Felix refreshes its rules',
    )
    expect(run.stderr).toContain('Watch for programs that move rules: 2 of 2 hosts\n')
    expect(run.code).toBe(0)
    const again = await fwRun(lab, ['apply', '--settle', '1', '--output', 'json'])
    expect(again.json()).toMatchObject({ watched: { seconds: 1, refreshed: [] } })
    const look = await fwRun(lab, ['apply', '--check', '--settle', '1', '--output', 'json'])
    expect(look.json()).toMatchObject({ outcome: 'done', exitCode: 0 })
    expect(look.json()).not.toHaveProperty('watched')
  })

  it('ends with 3 and names the hosts that it could not read again, also if these are all', async () => {
    lab = await startLab({ hosts: 2 })
    const inventory = await lab.file('inventory.yaml', lab.inventoryYaml())
    /** The end of an apply whose sessions to these hosts break while it watches. */
    const applyWithout = async (hosts: readonly string[]): Promise<unknown> => {
      const words = ['apply', '-i', inventory, '--settle', '20', '--output', 'ndjson']
      const child = lab.jump.spawn(['node', executable, ...words])
      const ended = once(child, 'close')
      let said = ''
      child.stdout?.on('data', (chunk: Buffer) => {
        said += chunk.toString()
      })
      await eventually(() => expect(said).toMatch(/"phase-started","phase":"watch"/))
      for (const name of hosts) await lab.host(name).run("pkill -KILL -f 'sshd: ops'")
      await ended
      return JSON.parse(said.trim().split('\n').at(-1) ?? '').result
    }
    expect(await applyWithout(['node2'])).toMatchObject({
      ...{ outcome: 'done', exitCode: 3, watched: { unread: ['node2'] } },
      words: expect.stringContaining(
        'apply: done, 2 of 2 hosts changed, but fw-run could not read node2 again. Run `fw-run status ',
      ),
    })
    const both = ['node1', 'node2']
    expect(await applyWithout(both)).toMatchObject({
      ...{ outcome: 'done', exitCode: 3, watched: { unread: both } },
    })
  })

  it('ends with 3 and names the host when the rule was moved to where it does not work', async () => {
    lab = await startLab({ hosts: 2 })
    await lab
      .host('node2')
      .run(
        `(${kept}; iptables -I FORWARD -d 10.42.0.0/16 -j ACCEPT; iptables -D FORWARD 13; iptables -A FORWARD -i ens18 -m set ! --match-set cluster_nodes src -j REJECT; iptables -D FORWARD 1) >/dev/null 2>&1 &`,
      )
    const run = await fwRun(lab, ['apply', '--settle', '12'])
    expect(run.code).toBe(3)
    expect(run.stdout).toContain(
      'apply: done, but the guard no longer works as planned on node2. Run `fw-run apply` again.',
    )
    expect(run.stdout).toMatch(/^CHANGED\n {2}2 hosts: node1, node2\n/m)
    expect(run.stdout).toMatch(/^TO BE CHANGED AGAIN: apply would do this\n {2}1 host: node2\n/m)
    expect(run.stdout).toMatch(/^node1 +: .* changed=[1-9]/m)
    expect(run.stdout).toMatch(/^node2 +: .* changed=[1-9]/m)
    expect((await fwRun(lab, ['apply'])).code).toBe(0)
  })
})
