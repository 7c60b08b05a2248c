import { dirname } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { LabHost } from '../lab/host.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { clusters } from './clusters.ts'
import { executable, firewalls, fwRun } from './fw-run.ts'

/** One host of three fails at each step in turn. What a fault does to the host, and the words that tell of it. */
const faults: readonly (readonly [
  step: string,
  breakIt: (host: LabHost) => Promise<void>,
  said: RegExp,
])[] = [
  ['preflight', (host) => host.removeTool('ipset'), /have these programs: ipset/],
  [
    'building the set',
    (host) => host.breakTool('ipset', { whenArgs: '^restore', message: 'ipset: out of memory' }),
    /out of memory/,
  ],
  [
    'inserting the rule',
    (host) =>
      host.breakTool('iptables', {
        whenArgs: '-I FORWARD',
        code: 4,
        message: 'iptables: no chain by that name',
      }),
    /no chain by that name/,
  ],
  [
    'inserting the rule, which is not there though iptables said so',
    (host) => host.breakTool('iptables', { whenArgs: '-I FORWARD', code: 0 }),
    /the rule is not in FORWARD after fw-run put it there/,
  ],
]

describe.each(clusters)('a fault on one of three %s hosts', (_, hosts) => {
  let lab: Lab
  let before: readonly string[]

  beforeAll(async () => {
    lab = await startLab({ hosts })
    before = await firewalls(lab)
  })
  afterEach(() => lab.host('node2').mendTools())
  afterAll(() => lab.stop())

  it.each(faults)('at %s leaves all three as they were', async (_step, breakIt, said) => {
    await breakIt(lab.host('node2'))
    const run = await fwRun(lab, ['apply'])
    await lab.host('node2').mendTools()
    expect(await firewalls(lab)).toEqual(before)
    expect(run.code).toBe(2)
    expect(run.stdout).toMatch(said)
    expect(run.stdout).toMatch(
      /apply: (refused, nothing was changed. Not ready: node2|rolled back because of node2)/,
    )
  })

  it('in a drifted cluster brings the same drift back', async () => {
    const rule = '-i ens18 -m set ! --match-set cluster_nodes src -j REJECT'
    for (const host of lab.hosts) {
      await host.run(
        `ipset create cluster_nodes iphash; ipset add cluster_nodes 192.168.64.99
         iptables -I FORWARD 14 ${rule}; iptables -I FORWARD 3 ${rule}`,
      )
    }
    const drifted = await firewalls(lab)
    await lab
      .host('node2')
      .breakTool('iptables', { whenArgs: '-D FORWARD', message: 'iptables: not today' })
    const run = await fwRun(lab, ['apply'])
    await lab.host('node2').mendTools()
    expect(run.code).toBe(8)
    expect(run.stdout).toMatch(/NOT COMPLETE on node2/)
    const after = await firewalls(lab)
    expect([after[0], after[2]]).toEqual([drifted[0], drifted[2]])

    // Mended, the host takes the rest back by itself: its watchdog goes on trying.
    await expect.poll(() => firewalls(lab)).toEqual(drifted)
    expect((await fwRun(lab, ['apply'])).code).toBe(0)
    expect((await fwRun(lab, ['remove'])).code).toBe(0)
    expect(await firewalls(lab)).toEqual(before)
  })

  it('at remove leaves all three protected', async () => {
    expect((await fwRun(lab, ['apply'])).code).toBe(0)
    const guarded = await firewalls(lab)
    await lab.host('node3').breakTool('ipset', { whenArgs: '^rename', message: 'ipset: not today' })
    const run = await fwRun(lab, ['remove'])
    await lab.host('node3').mendTools()
    expect(run.code).toBe(2)
    expect(await firewalls(lab)).toEqual(guarded)
    expect((await fwRun(lab, ['remove'])).code).toBe(0)
    expect(await firewalls(lab)).toEqual(before)
  })
})

describe('a fault of this installation', () => {
  it('ends the run before any host is connected to, where a file of the agent is gone', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({ hosts: 1 })
    onTestFinished(() => lab.stop())
    const root = dirname(dirname(executable))
    await lab.jump.run(`mkdir fw-run && cp -r ${root}/bin ${root}/dist ${root}/package.json fw-run
      rm fw-run/dist/agent.sh`)
    await lab.file('inventory.yaml', lab.inventoryYaml())
    const run = await lab.jump.run('node fw-run/bin/fw-run.js preflight -i inventory.yaml')
    expect(run.stderr).toMatch(
      /a file of fw-run itself cannot be read: .*agent\.sh.*\n.*install fw-run again/,
    )
    expect(run.stderr).not.toMatch(/^ +at /m)
    expect(run.code).toBe(1)
    expect(await lab.host('node1').sshConnections()).toBe(0)
  })
})
