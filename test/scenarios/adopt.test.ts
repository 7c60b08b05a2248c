import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, startLab } from '../lab/lab.ts'
import { clusters } from './clusters.ts'
import { articleGuard, firewalls, fwRun, guards } from './fw-run.ts'

describe.each(clusters)(
  '%s hosts protected by hand, with the commands of the article',
  (_, hosts) => {
    let lab: Lab
    let bare: readonly string[]
    let guarded: readonly string[]

    beforeAll(async () => {
      lab = await startLab({ hosts })
      bare = await firewalls(lab)
      const members = lab.hosts
        .map(({ address }) => `ipset add cluster_nodes ${address}`)
        .join('; ')
      const rule = '-i ens18 -m set ! --match-set cluster_nodes src -j REJECT'
      for (const host of lab.hosts) {
        const made = await host.run(
          `set -e; ipset create cluster_nodes iphash; ${members}; iptables -t filter -I FORWARD 12 ${rule}`,
        )
        expect(made.stderr).toBe('')
      }
      guarded = await firewalls(lab)
    })
    afterAll(() => lab.stop())

    it('are done for status', async () => {
      const run = await fwRun(lab, ['status'])
      expect(run.code).toBe(0)
      expect(run.stdout).toContain('status: 3 hosts protected.')
    })

    it('are done for apply, which leaves every byte', async () => {
      const run = await fwRun(lab, ['apply'])
      expect(run.code).toBe(0)
      expect(run.stdout.match(/changed=0/g)).toHaveLength(3)
      expect(await firewalls(lab)).toEqual(guarded)
    })

    it('are mended where they have drifted: a rule too far down, another twice, an outsider in the set', async () => {
      const rule = '-i ens18 -m set ! --match-set cluster_nodes src -j REJECT'
      await lab.host('node1').run(`iptables -D FORWARD 12; iptables -A FORWARD ${rule}`)
      await lab.host('node2').run(`iptables -I FORWARD 1 ${rule}`)
      await lab
        .host('node3')
        .run('ipset del cluster_nodes 192.168.64.11; ipset add cluster_nodes 192.168.64.99')
      const status = await fwRun(lab, ['status'])
      expect(status.code).toBe(3)
      expect(status.stdout).toContain('add to set cluster_nodes: 192.168.64.11')
      expect(status.stdout.match(/ : drifted/g)).toHaveLength(3)

      const apply = await fwRun(lab, ['apply'])
      expect(apply.code).toBe(0)
      for (const host of lab.hosts) expect(await guards(lab, host.name)).toEqual([articleGuard])
      expect((await fwRun(lab, ['status'])).code).toBe(0)
    })

    it('go to a guard before routing and back, and the set and the rule of the article with them', async () => {
      const there = await fwRun(lab, ['apply', '-e', 'fw_guard=auto'])
      expect(there.stdout).toContain('apply: done, 3 of 3 hosts changed.')
      for (const { name, pod } of lab.hosts) {
        expect(await guards(lab, name)).toEqual([])
        expect(await lab.outsider.canPing(pod.address)).toBe(false)
      }
      expect((await fwRun(lab, ['status', '-e', 'fw_guard=auto'])).code).toBe(0)
      expect((await fwRun(lab, ['apply'])).code).toBe(0)
      for (const { name } of lab.hosts) expect(await guards(lab, name)).toEqual([articleGuard])
    })

    it('are bare again after remove', async () => {
      const run = await fwRun(lab, ['remove'])
      expect(run.code).toBe(0)
      expect(await firewalls(lab)).toEqual(bare)
    })
  },
)
