import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, startLab } from '../lab/lab.ts'
import { clusters } from './clusters.ts'
import { articleGuard, firewalls, fwRun, guards } from './fw-run.ts'

describe.each(clusters)('the main job on %s hosts', (_, hosts) => {
  let lab: Lab
  let before: readonly string[]

  beforeAll(async () => {
    lab = await startLab({ hosts })
    before = await firewalls(lab)
  })
  afterAll(() => lab.stop())

  it('begins with an outsider who reaches pods', async () => {
    expect(await lab.outsider.canPing(lab.pod(1).address)).toBe(true)
    expect(await lab.outsider.canConnect(lab.pod(2).address)).toBe(true)
  })

  it('preflight passes, says what apply would do, and writes nothing', async () => {
    const run = await fwRun(lab, ['preflight'])
    expect(run.code).toBe(0)
    expect(run.stdout).toContain('insert rule 12 of FORWARD')
    expect(run.stdout).toContain('apply would change 3 hosts')
    expect(await firewalls(lab)).toEqual(before)
  })

  it('apply --check ends with 3 and writes nothing; --diff shows the rule', async () => {
    const run = await fwRun(lab, ['apply', '--check', '--diff'])
    expect(run.code).toBe(3)
    expect(run.stdout).toContain(`+ 12: ${articleGuard.slice(3)}`)
    expect(await firewalls(lab)).toEqual(before)
  })

  it('status calls the hosts unprotected and ends with 3', async () => {
    const run = await fwRun(lab, ['status'])
    expect(run.code).toBe(3)
    expect(run.stdout).toMatch(/node1 : unprotected/)
  })

  it('apply puts the rule at 12 on each host, letter for letter, and the nodes into the set', async () => {
    const run = await fwRun(lab, ['apply'])
    expect(run.stderr + run.stdout).toContain('apply: done, 3 of 3 hosts changed.')
    expect(run.code).toBe(0)
    for (const host of lab.hosts) {
      expect(await guards(lab, host.name)).toEqual([articleGuard])
      const { stdout } = await host.run('ipset save cluster_nodes | sed -n "s/^add //p" | sort')
      expect(stdout).toBe(lab.hosts.map(({ address }) => `cluster_nodes ${address}\n`).join(''))
      expect((await host.run('ls -A /run/fw-run')).stdout).toBe('')
    }
  })

  it('stops the outsider, by ping and by TCP', async () => {
    for (const { pod } of lab.hosts) {
      expect(await lab.outsider.canPing(pod.address)).toBe(false)
      expect(await lab.outsider.canConnect(pod.address)).toBe(false)
    }
  })

  it('leaves hosts and pods talking to pods on other hosts', async () => {
    for (const [index, host] of lab.hosts.entries()) {
      const remote = lab.pod(((index + 1) % lab.hosts.length) + 1)
      expect(await host.canConnect(remote.address)).toBe(true)
      expect(await host.canPing(remote.address)).toBe(true)
      expect(await host.pod.canConnect(remote.address)).toBe(true)
      expect(await host.pod.canPing(remote.address)).toBe(true)
    }
  })

  it('status shows the protection and what was rejected', async () => {
    const text = await fwRun(lab, ['status'])
    expect(text.code).toBe(0)
    expect(text.stdout).toMatch(/node2 : protected {3}rule=12 +packets=[1-9]\d* +bytes=[1-9]/)
    const { hosts: found } = (await fwRun(lab, ['status', '--output', 'json'])).json()
    expect(found.map(({ rejected }) => rejected?.packets ?? 0).every((count) => count > 0)).toBe(
      true,
    )
  })

  it('a second apply changes nothing, to the byte', async () => {
    const applied = await firewalls(lab)
    const run = await fwRun(lab, ['apply'])
    expect(run.code).toBe(0)
    expect(run.stdout.match(/changed=0/g)).toHaveLength(3)
    expect(await firewalls(lab)).toEqual(applied)
  })

  it('remove brings everything back as it was before apply, to the byte', async () => {
    const run = await fwRun(lab, ['remove'])
    expect(run.code).toBe(0)
    expect(await firewalls(lab)).toEqual(before)
    expect(await lab.outsider.canPing(lab.pod(1).address)).toBe(true)
  })

  it('a second remove has nothing to do', async () => {
    const run = await fwRun(lab, ['remove'])
    expect(run.code).toBe(0)
    expect(run.stdout).toContain('nothing to do')
  })
})
