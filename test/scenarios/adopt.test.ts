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

describe('hosts where fw-run does not read the rules that use a set of its name', () => {
  let lab: Lab
  const rule = '-i ens18 -m set ! --match-set cluster_nodes src -j REJECT'
  const nft = ['-e', 'fw_guard=nft']

  beforeAll(async () => {
    lab = await startLab({ hosts: [{ backend: 'nft' }, { backend: 'nft', login: 'root' }, {}] })
  })
  afterAll(() => lab.stop())

  async function byHand(host: string): Promise<void> {
    const members = lab.hosts.map(({ address }) => `ipset add cluster_nodes ${address}`).join('; ')
    const made = await lab
      .host(host)
      .run(`set -e; ipset create cluster_nodes iphash; ${members}; iptables -I FORWARD 1 ${rule}`)
    expect(made.stderr).toBe('')
  }

  async function sets(host: string): Promise<string> {
    return (await lab.host(host).run('ipset -n list')).stdout
  }

  it.each(['nft', 'mangle'])(
    'lose the set and the rule of the article to the guard %s, also with nf_tables',
    async (kind) => {
      for (const { name } of lab.hosts) await byHand(name)
      const handMade = await firewalls(lab)
      await lab.host('node3').breakTool('iptables', { whenArgs: '-D FORWARD', message: 'no' })
      const failed = await fwRun(lab, ['apply', '-e', `fw_guard=${kind}`])
      await lab.host('node3').mendTools()
      expect(failed.stdout).toContain(
        'apply: rolled back because of node3; every host is as before.',
      )
      expect(await firewalls(lab)).toEqual(handMade)
      const apply = await fwRun(lab, ['apply', '-e', `fw_guard=${kind}`])
      expect(apply.stdout).toContain('apply: done, 3 of 3 hosts changed.')
      for (const { name, pod } of lab.hosts) {
        expect(await guards(lab, name)).toEqual([])
        expect(await lab.outsider.canPing(pod.address)).toBe(false)
      }
      expect((await fwRun(lab, ['remove', '-e', `fw_guard=${kind}`])).code).toBe(0)
      for (const { name } of lab.hosts) expect(await sets(name)).not.toContain('cluster_nodes')
    },
  )

  it('keep a set that something else uses, and say so', async () => {
    for (const { name } of lab.hosts) await byHand(name)
    await lab.host('node1').run('iptables -I INPUT -m set --match-set cluster_nodes src -j ACCEPT')
    await lab
      .host('node3')
      .run('iptables-nft -I INPUT -m set --match-set cluster_nodes src -j ACCEPT')
    const apply = await fwRun(lab, ['apply', ...nft])
    expect(apply.stdout).toContain('apply: done, 3 of 3 hosts changed.')
    for (const { name } of lab.hosts) expect(await guards(lab, name)).toEqual([])
    for (const name of ['node1', 'node3']) {
      expect(await sets(name)).toContain('cluster_nodes')
      expect(apply.stdout).toMatch(/set cluster_nodes is kept, because/)
    }
    expect(await sets('node2')).not.toContain('cluster_nodes')
    expect((await fwRun(lab, ['status', ...nft])).code).toBe(0)
    const removed = await fwRun(lab, ['remove', ...nft])
    expect(removed.stdout).toContain('remove: done')
    expect(await sets('node3')).toContain('cluster_nodes')
  })

  it('keep a set of IPv6 that no chain of ours has asked for', async () => {
    await lab.host('node3').run('ipset create cluster_nodes-6 hash:ip family inet6')
    expect((await fwRun(lab, ['apply', '--limit', 'node3'])).stdout).toContain('apply: done')
    expect((await fwRun(lab, ['remove', '--limit', 'node3'])).stdout).toContain('remove: done')
    expect(await sets('node3')).toContain('cluster_nodes-6')
  })
})
