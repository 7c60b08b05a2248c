import { afterEach, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { type Lab, startLab } from '../lab/lab.ts'
import { articleRules } from '../lab/spec.ts'
import { fwRun } from './fw-run.ts'

/** Calico and kube-proxy alone: pods are accepted by Calico's mark, in rule 11 of FORWARD. */
const calicoRules = articleRules.replace(/^-A FORWARD -[sd] 10\.42\.0\.0\/16 -j ACCEPT\n/gm, '')
const guardText = '-i ens18 -m set ! --match-set cluster_nodes src -j REJECT'

/** The routes to pods of other hosts leave the main table, as if only the routers of a cloud knew them. */
const routesOfCloud =
  "ip route show | grep '^10[.]42[.].* via' | while read -r route; do ip route add $route table 100; ip route del $route; done; ip rule add lookup 100"

describe('what is left of a network plugin does not hide that pods arrive bare', () => {
  let lab: Lab
  afterEach(() => lab?.stop())

  it.each([
    ['a tunnel that is down', 'ip link add vxlan.calico type vxlan id 4096 dstport 4789'],
    [
      'a tunnel of another network',
      'ip link add flannel.1 type vxlan id 1 dstport 8472; ip addr add 10.244.1.0/32 dev flannel.1; ip link set flannel.1 up; ip route add 10.244.9.0/24 via 10.244.9.0 dev flannel.1 onlink',
    ],
    ['a chain of flannel', 'iptables -N FLANNEL-FWD'],
    [
      'a chain of flannel with its jump',
      'iptables -N FLANNEL-FWD; iptables -A FORWARD -j FLANNEL-FWD; iptables -A FLANNEL-FWD -s 10.42.0.0/16 -j ACCEPT; iptables -A FLANNEL-FWD -d 10.42.0.0/16 -j ACCEPT',
    ],
  ])('with %s', async (_, leftover) => {
    lab = await startLab({ hosts: 2, podRouting: 'bare', each: { rules: calicoRules } })
    for (const { name } of lab.hosts) await lab.host(name).run(`${routesOfCloud}; ${leftover}`)
    const podToPod = (): Promise<boolean> => lab.pod(1).canConnect(lab.pod(2).address)
    expect(await podToPod()).toBe(true)
    const run = await fwRun(lab, ['apply'])
    expect(run.code).toBe(2)
    expect(run.stdout.replace(/\s+/g, ' ')).toContain(
      'the rule of fw-run would stop "pod on another host → pod',
    )
    expect(await podToPod()).toBe(true)

    await lab.host('node2').run(`${setOf(lab)}; iptables -I FORWARD 11 ${guardText}`)
    expect(await lab.host('node1').canConnect(lab.pod(2).address)).toBe(true)
    expect(await podToPod()).toBe(false)
  })
})

describe('a node that only the tunnels of the others name', () => {
  let lab: Lab
  afterEach(() => lab?.stop())

  it('is missed in the set', async () => {
    lab = await startLab({ hosts: 3 })
    const [two, third] = [lab.hosts.slice(0, 2), lab.host('node3')]
    const hosts = two.map(({ name, address }) => [name, { ansible_host: address }] as const)
    const vars = { ansible_user: 'ops', fw_interface: 'ens18' }
    const inventory = await lab.file(
      'two.yaml',
      stringify({ all: { vars, hosts: Object.fromEntries(hosts) } }),
    )
    const run = await fwRun(lab, ['apply', '-i', inventory])
    expect(run.code).toBe(2)
    expect(run.stdout).toContain('FAIL  the guard would stop a node of the cluster: node1, node2\n')
    expect(run.stdout.replace(/\s+/g, ' ')).toContain(`the guard does not allow: ${third.address}.`)

    const extra = ['-e', `fw_extra_members=["${third.address}"]`]
    expect((await fwRun(lab, ['apply', '-i', inventory, ...extra])).code).toBe(0)
    expect(await third.canConnect(lab.pod(1).address)).toBe(true)
  })
})

describe('a bare pod that is in the set', () => {
  let lab: Lab
  afterEach(() => lab?.stop())

  it('does not speak for the other pods of its host', async () => {
    lab = await startLab({ hosts: 2, podRouting: 'bare', each: { rules: calicoRules } })
    const member = lab.pod(1).address
    const other = member.replace(/\d+$/, '11')
    await lab.pod(1).run(`ip addr add ${other}/32 dev eth0`)
    await lab.host('node1').run(`ip route add ${other} dev cali0123456789a`)
    const connects = async (from: string): Promise<boolean> =>
      (await lab.pod(1).run(`nc -n -z -w 1 -s ${from} ${lab.pod(2).address} 8080`)).code === 0
    expect(await connects(other)).toBe(true)
    const run = await fwRun(lab, ['apply', '-e', `fw_extra_members=["${member}"]`])
    expect(run.code).toBe(2)
    expect(run.stdout.replace(/\s+/g, ' ')).toContain(
      'the rule of fw-run would stop "pod on another host → pod',
    )

    const set = `${setOf(lab)}; ipset add cluster_nodes ${member}`
    await lab.host('node2').run(`${set}; iptables -I FORWARD 11 ${guardText}`)
    expect([await connects(member), await connects(other)]).toEqual([true, false])
  })
})

describe('a rule that rejects everything before pods are accepted', () => {
  let lab: Lab
  afterEach(() => lab?.stop())

  it('gets the rule of fw-run before it, where it works, also once pods are accepted again', async () => {
    lab = await startLab({ hosts: 2, each: { rules: calicoRules } })
    const host = lab.host('node2')
    await host.run('iptables -I FORWARD 11 -j REJECT --reject-with icmp-host-prohibited')
    const fromNode = (): Promise<boolean> => lab.host('node1').canConnect(lab.pod(2).address)
    const fromOutsider = (): Promise<boolean> => lab.outsider.canConnect(lab.pod(2).address)
    expect(await fromNode()).toBe(false)
    const run = await fwRun(lab, ['apply'])
    const told = run.stdout.replace(/\s+/g, ' ')
    expect(told).toContain(
      'a rule of FORWARD (-A FORWARD -j REJECT --reject-with icmp-host-prohibited) stops all new connections to pods on this host, even from nodes',
    )
    expect(run.stdout + run.stderr).toContain('apply: done, 2 of 2 hosts changed.')
    expect(await fromOutsider()).toBe(false)
    const counted = await host.run('iptables -nvxL FORWARD 11')
    expect(counted.stdout).toMatch(/^ *[1-9]\d* .*match-set cluster_nodes src/m)

    await host.run('iptables -I FORWARD 12 -o cali+ -j ACCEPT')
    expect([await fromNode(), await fromOutsider()]).toEqual([true, false])
  })
})

describe('a rule for packets of IPsec', () => {
  let lab: Lab
  afterEach(() => lab?.stop())

  it('lets no outsider in who sends them in the clear', async () => {
    lab = await startLab({ hosts: 2 })
    const address = '10.9.0.5'
    const host = lab.host('node2')
    await lab.outsider.run(`ip addr add ${address}/32 dev eth0`)
    await host.run(
      `ip route add 10.9.0.0/24 via ${lab.outsider.address}; iptables -I FORWARD -s 10.9.0.0/24 -d 10.42.0.0/16 -i ens18 -m policy --dir in --pol ipsec --reqid 1 --proto esp -j ACCEPT`,
    )
    const connects = async (): Promise<boolean> =>
      (await lab.outsider.run(`nc -n -z -w 1 -s ${address} ${lab.pod(2).address} 8080`)).code === 0
    expect(await connects()).toBe(true)
    const run = await fwRun(lab, ['apply'])
    expect(run.stdout + run.stderr).toContain('apply: done, 2 of 2 hosts changed.')
    expect(await connects()).toBe(false)
    expect((await host.run('iptables -S FORWARD 1')).stdout).toContain('--pol ipsec')
  })
})

/** Makes our set by hand, with the hosts as members. */
function setOf(lab: Lab): string {
  const members = lab.hosts.map(({ address }) => `ipset add cluster_nodes ${address}`)
  return ['ipset create cluster_nodes hash:ip', ...members].join('; ')
}
