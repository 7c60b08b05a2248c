import { afterEach, describe, expect, it } from 'vitest'
import { type Lab, startLab } from '../lab/lab.ts'
import { articleGuard, firewalls, fwRun, guards, type Run } from './fw-run.ts'

let lab: Lab
afterEach(() => lab?.stop())

/** Applies, and has somebody write to node1 once its rules have been read: a probe on the jump host waits for that. */
async function applyOvertaken(written: string, ...words: readonly string[]): Promise<Run> {
  const wait = 'test -e written || { touch read; until test -e written; do sleep 0.1; done; }'
  const probes = JSON.stringify({ fw_probes: [{ command: wait }] })
  const running = fwRun(lab, ['apply', '-e', probes, ...words])
  await lab.jump.run('until test -e read; do sleep 0.1; done')
  expect((await lab.host('node1').run(written)).code).toBe(0)
  await lab.jump.run('touch written')
  return running
}

describe('apply, where somebody writes to a host once it has been read', () => {
  it('plans that host again, asks no other for anything more, and records the plan that was carried out', async () => {
    lab = await startLab({ hosts: 3 })
    const foreign = '-A FORWARD -s 203.0.113.9/32 -j DROP'
    const run = await applyOvertaken(
      `iptables ${foreign.replace('-A FORWARD', '-I FORWARD 1')}`,
      '--output',
      'json',
    )
    expect(run.code).toBe(0)
    expect(run.json().hosts.map(({ requests }) => requests)).toEqual([5, 3, 3])
    const lower = articleGuard.replace('12', '13')
    expect(await guards(lab, 'node1')).toEqual([lower])
    expect(await guards(lab, 'node2')).toEqual([articleGuard])
    const [id] = (await lab.jump.run('ls .local/state/fw-run/runs')).stdout.split('.')
    const told = (await fwRun(lab, ['runs', `${id}`])).stdout
    expect(told).toContain(
      'host: node1\n    create set cluster_nodes with 3 members\n    insert rule 13 ',
    )
    expect(told).toContain(
      'hosts: node2, node3\n    create set cluster_nodes with 3 members\n    insert rule 12 ',
    )
    expect((await lab.host('node1').run('iptables -S FORWARD')).stdout).toContain(foreign)
  })

  it('changes no host if that one has no place for the rule any more', async () => {
    lab = await startLab({ hosts: 3 })
    const accept = 'FORWARD -i ens18 -d 10.42.0.0/16 -j ACCEPT'
    await lab.host('node1').run(`iptables -I ${accept}`)
    const before = await firewalls(lab)
    await lab.host('node1').run(`iptables -D ${accept}`)
    const run = await applyOvertaken(`iptables -I ${accept}`)
    expect(run.code).toBe(2)
    expect(run.stdout).toMatch(
      /node1 at apply:\n +others wrote to its rules meanwhile, and it is not ready any more: no place in FORWARD is good/,
    )
    expect(run.stdout).toContain('-> `fw-run preflight` shows the check')
    expect(run.stdout).toContain('apply: rolled back because of node1; every host is as it was.')
    expect(await firewalls(lab)).toEqual(before)
  })
})
