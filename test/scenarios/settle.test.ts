import { afterEach, describe, expect, it } from 'vitest'
import { type Lab, startLab } from '../lab/lab.ts'
import { fwRun } from './fw-run.ts'

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
    expect((await fwRun(lab, ['apply'])).code).toBe(0)
  })
})
