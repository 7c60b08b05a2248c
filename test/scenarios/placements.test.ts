import { describe, expect, it } from 'vitest'
import { eventually } from '../eventually.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import type { Place } from '../lab/place.ts'
import { articleRules, type LabSpec } from '../lab/spec.ts'
import { fwRun, guards } from './fw-run.ts'

const flannel = '-A FORWARD -s 10.42.0.0/16 -j ACCEPT\n-A FORWARD -d 10.42.0.0/16 -j ACCEPT\n'

/** The chain of the article, changed; throws where there is nothing to change, which would test the article again. */
function articleWith(...changes: readonly (readonly [string | RegExp, string])[]): string {
  return changes.reduce((rules, [from, to]) => {
    const changed = rules.replace(from, to)
    if (changed === rules) throw new Error(`the chain of the article has no ${from}`)
    return changed
  }, articleRules)
}

const endOfFilter = /(\*filter[\s\S]*?)\nCOMMIT/

/** Flannel 0.20 and later: both rules in a chain of their own. */
const flannelForward = articleWith(
  [flannel, '-A FORWARD -m comment --comment "flanneld forward" -j FLANNEL-FWD\n'],
  [':KUBE-FORWARD - [0:0]\n', ':KUBE-FORWARD - [0:0]\n:FLANNEL-FWD - [0:0]\n'],
  [
    endOfFilter,
    '$1\n-A FLANNEL-FWD -s 10.42.0.0/16 -m comment --comment "flanneld forward" -j ACCEPT\n-A FLANNEL-FWD -d 10.42.0.0/16 -m comment --comment "flanneld forward" -j ACCEPT\nCOMMIT',
  ],
)
const withoutFlannel = articleWith([flannel, ''])
const policyAccept = articleWith([flannel, ''], [':FORWARD DROP', ':FORWARD ACCEPT'])
const felix315 = articleWith([
  endOfFilter,
  '$1\n-A cali-FORWARD -m comment --comment "Policy explicitly accepted packet." -m mark --mark 0x10000/0x10000 -j ACCEPT\nCOMMIT',
])
/** As strongSwan's updown script puts them on top, for clients with any address. */
const strongSwan = articleWith([
  /^-A FORWARD /m,
  '-A FORWARD -d 10.42.0.0/16 -i ens18 -m policy --dir in --pol ipsec --reqid 1 --proto esp -j ACCEPT\n-A FORWARD -s 10.42.0.0/16 -o ens18 -m policy --dir out --pol ipsec --reqid 1 --proto esp -j ACCEPT\n-A FORWARD ',
])
const openDockerUser = articleWith([
  '-A DOCKER-USER -j RETURN\n',
  '-A DOCKER-USER -i ens18 -j ACCEPT\n-A DOCKER-USER -j RETURN\n',
])
/** Kube-proxy without clusterCIDR: its mark lets the first packets in, and nothing of its own the later ones. */
const noClusterCidr = articleWith([/^-A KUBE-FORWARD .*ESTABLISHED.*\n/gm, ''])
const noAnswers = articleWith([/^-A (KUBE-FORWARD|cali-tw-).*ESTABLISHED.*\n/gm, ''])

describe('a position that fw-run finds is good for real packets', () => {
  it.concurrent.for<readonly [string, LabSpec]>([
    ['the chain of the article', { hosts: 2 }],
    ['the chain of the article, pods routed bare', { hosts: 2, podRouting: 'bare' }],
    ['flannel with a chain of its own', { hosts: 2, each: { rules: flannelForward } }],
    ['Calico alone, which accepts by mark', { hosts: 2, each: { rules: withoutFlannel } }],
    ['FORWARD with policy ACCEPT', { hosts: 2, each: { rules: policyAccept } }],
    ['rules for what IPsec decrypts', { hosts: 2, each: { rules: strongSwan } }],
  ])('on %s', async ([_, spec], { onTestFinished }) => {
    const lab = await startLab(spec)
    onTestFinished(() => lab.stop())
    expect(await lab.outsider.canConnect(lab.pod(2).address)).toBe(true)
    await lab.host('node2').run(masqueradedNodePort(30081, lab.pod(2)))
    const legitimate = [...(await works(lab)), ...(await publishedWork(lab, [30081]))]
    const run = await fwRun(lab, ['apply'])
    expect(run.stdout + run.stderr).toContain('apply: done, 2 of 2 hosts changed.')
    expect(await lab.outsider.canConnect(lab.pod(2).address)).toBe(false)
    expect(await lab.outsider.canPing(lab.pod(2).address)).toBe(false)
    expect([...(await works(lab)), ...(await publishedWork(lab, [30081]))]).toEqual(legitimate)
    expect(legitimate).toEqual([true, true, true, true, true])
  })

  it.concurrent.for<readonly [string, LabSpec]>([
    ['the chain of the article', { hosts: 2 }],
    ['flannel with a chain of its own', { hosts: 2, each: { rules: flannelForward } }],
    ['no rule that accepts answers', { hosts: 2, each: { rules: noAnswers } }],
  ])(
    'on %s, for published ports with fw_published: allow',
    async ([_, spec], { onTestFinished }) => {
      const lab = await startLab(spec)
      onTestFinished(() => lab.stop())
      const ports = [30080, 30081, 8088]
      await lab.host('node2').run(`${masqueradedNodePort(30081, lab.pod(2))}; ${localPorts(lab)}`)
      const legitimate = [...(await works(lab)), ...(await publishedWork(lab, ports))]
      const run = await fwRun(lab, ['apply', '-e', 'fw_published=allow'])
      expect(run.stdout + run.stderr).toContain('apply: done, 2 of 2 hosts changed.')
      expect(await lab.outsider.canConnect(lab.pod(2).address)).toBe(false)
      expect([...(await works(lab)), ...(await publishedWork(lab, ports))]).toEqual(legitimate)
      expect(legitimate).toEqual([true, true, true, true, true, true, true])
    },
  )
})

describe('where fw-run finds no good position, real packets leak or legitimate ones break at each', () => {
  it.concurrent.for<readonly [string, string]>([
    ['Felix 3.15, which accepts inside its own chain', felix315],
    ['a DOCKER-USER that accepts the subnet, with docker behind it', openDockerUser],
    ['no rule that accepts answers', noAnswers],
  ])('on %s', async ([_, rules], { onTestFinished }) => {
    const lab = await startLab({ hosts: 2, each: { rules } })
    onTestFinished(() => lab.stop())
    const run = await fwRun(lab, ['apply'])
    expect(run.code).toBe(2)
    expect(run.stdout).toContain('no position in FORWARD is good')
    const host = lab.host('node2')
    await host.run(
      `ipset create cluster_nodes iphash; ${lab.hosts.map(({ address }) => `ipset add cluster_nodes ${address}`).join('; ')}`,
    )
    const count = Number((await host.run('iptables -S FORWARD | grep -c ^-A')).stdout)
    const legitimate = await works(lab)
    expect(await answersReachContainer(lab)).toBe(true)
    for (let position = 1; position <= count + 1; position++) {
      const rule = '-i ens18 -m set ! --match-set cluster_nodes src -j REJECT'
      await host.run(`iptables -I FORWARD ${position} ${rule}`)
      expect(await guards(lab, 'node2')).toHaveLength(1)
      const bad =
        (await lab.outsider.canConnect(lab.pod(2).address, undefined, 1)) ||
        (await works(lab, 1)).some((now, i) => now !== legitimate[i]) ||
        !(await answersReachContainer(lab, 1))
      expect([position, bad]).toEqual([position, true])
      await host.run(`iptables -D FORWARD ${rule}`)
    }
  })

  it.concurrent('on a NodePort whose pod is on another host, where kube-proxy knows no clusterCIDR', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({ hosts: 2, each: { rules: noClusterCidr } })
    onTestFinished(() => lab.stop())
    const host = lab.host('node2')
    await host.run(masqueradedNodePort(30082, lab.pod(1)))
    expect(await publishedWork(lab, [30082])).toEqual([true, true])
    const run = await fwRun(lab, ['apply'])
    expect(run.code).toBe(2)
    const told = run.stdout.replace(/\s+/g, ' ')
    expect(told).toContain(
      'the rule of fw-run would stop "outsider → published port 30082/tcp, later packets"',
    )
    expect(told).toContain('set fw_published: allow')

    await host.run(
      `ipset create cluster_nodes iphash; ${lab.hosts.map(({ address }) => `ipset add cluster_nodes ${address}`).join('; ')}`,
    )
    const rule = '-i ens18 -m set ! --match-set cluster_nodes src -j REJECT'
    await host.run(`iptables -I FORWARD 12 ${rule}`)
    expect(await works(lab)).toEqual([true, true, true])
    expect(await lab.outsider.canConnect(lab.pod(2).address)).toBe(false)
    const handshake = await lab.outsider.run(`bash -c ': </dev/tcp/${host.address}/30082'`)
    expect(handshake.code).toBe(0)
    expect(await publishedWork(lab, [30082])).toEqual([false, true])
    await host.run(`iptables -D FORWARD ${rule}`)

    const allowed = await fwRun(lab, ['apply', '-e', 'fw_published=allow'])
    expect(allowed.stdout + allowed.stderr).toContain('apply: done, 2 of 2 hosts changed.')
    expect(await lab.outsider.canConnect(lab.pod(2).address)).toBe(false)
    expect(await publishedWork(lab, [30082])).toEqual([true, true])
  })
})

describe('where a guarded bridge joins two network cards', () => {
  it.concurrent('refuses to cut the machines behind it off, and leaves them alone after the remedy', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({ hosts: [{ rules: policyAccept }] })
    onTestFinished(() => lab.stop())
    const host = lab.host('node1')
    const made = await host.run(`set -e; mkdir -p /run/netns
      ip link add br0 type bridge; ip link set br0 up; ip addr add 10.9.0.1/24 dev br0
      for i in 2 3; do
        ip netns add lan$i; ip link add ens$i type veth peer name eth0 netns lan$i; ip link set ens$i master br0 up
        ip -n lan$i addr add 10.9.0.$i/24 dev eth0; ip -n lan$i link set eth0 up
      done
      echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables`)
    expect(made.stderr).toBe('')
    const joined = async (): Promise<boolean> =>
      (await host.run('ip netns exec lan2 ping -c 1 -W 2 10.9.0.3')).code === 0
    await eventually(async () => expect(await joined()).toBe(true))
    const set = 'ipset create other iphash; ipset add other 192.168.64.11'
    const rule = 'FORWARD -i br0 -m set ! --match-set other src -j REJECT'
    await host.run(`${set}; iptables -I ${rule}`)
    expect(await joined()).toBe(false)
    await host.run(`iptables -D ${rule}; ipset destroy other`)

    const words = ['apply', '-e', '{"fw_interface": ["ens18", "br0"]}']
    const run = await fwRun(lab, words)
    expect(run.code).toBe(2)
    const told = run.stdout.replace(/\s+/g, ' ')
    expect(told).toContain('the rule of fw-run would stop "outsider → machine behind bridge br0')
    const [, remedy = ''] = /`(iptables -I FORWARD -m physdev [^`]+)`/.exec(told) ?? []
    expect((await host.run(remedy)).code).toBe(0)
    expect((await fwRun(lab, words)).stdout).toContain('apply: done')
    expect(await joined()).toBe(true)
    expect(await lab.outsider.canConnect(lab.pod(1).address)).toBe(false)
  })
})

describe('where nft itself publishes a hostPort, as portmap of CNI lets it', () => {
  it.concurrent('refuses the host until fw_published decides, and then does as it says', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({ hosts: 2 })
    onTestFinished(() => lab.stop())
    const host = lab.host('node2')
    const made = await host.run('nft -f -', {
      stdin: `table inet cni_hostport {
        chain hostports { ip protocol tcp th dport 8088 dnat ip to ${lab.pod(2).address}:8080; }
        chain prerouting { type nat hook prerouting priority -100; fib daddr type local jump hostports; }
      }`,
    })
    expect(made.code).toBe(0)
    const reached = () => lab.outsider.canConnect(host.address, 8088)
    const run = await fwRun(lab, ['apply'])
    expect(run.code).toBe(2)
    expect(run.stdout.replace(/\s+/g, ' ')).toContain(
      'nftables may publish ports on this host: table inet cni_hostport.',
    )
    expect(await reached()).toBe(true)
    for (const published of ['allow', 'block'] as const) {
      expect((await fwRun(lab, ['apply', '-e', `fw_published=${published}`])).code).toBe(0)
      expect(await lab.outsider.canConnect(lab.pod(2).address)).toBe(false)
      expect(await reached()).toBe(published === 'allow')
    }
  })
})

describe('where raw drops what comes in for pods', () => {
  it.concurrent('leaves masqueraded pods their answers, which raw does not take for theirs', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({ hosts: 2, each: { rules: policyAccept } })
    onTestFinished(() => lab.stop())
    const raw = 'iptables -t raw -I PREROUTING -i ens18 -d 10.42.0.0/16 -j DROP'
    for (const { name } of lab.hosts) await lab.host(name).run(raw)
    const getsAnswers = (): Promise<boolean> => lab.pod(2).canConnect(lab.outsider.address)
    expect(await getsAnswers()).toBe(true)
    expect(await lab.outsider.canConnect(lab.pod(2).address)).toBe(false)
    const answer = `--in ens18 --from ${lab.outsider.address} --to ${lab.pod(2).address} --proto tcp --sport 8080 --state ESTABLISHED`
    const trace = await fwRun(lab, ['trace', 'node2', ...answer.split(' ')])
    expect(trace.stdout).toMatch(
      /not certain: dropped by raw PREROUTING 1\n.*not certain: accepted by /s,
    )
    const first = await fwRun(lab, ['apply', '-e', 'fw_position=1'])
    expect(first.stdout).toContain(
      'fw_position 1 is not good: the rule of fw-run would stop "reply from outsider → pod',
    )
    expect((await fwRun(lab, ['apply'])).code).toBe(0)
    expect(await getsAnswers()).toBe(true)
  })
})

/** Node to pod, pod to pod of another host, and pod to the world and back, all of them with node2. */
function works(lab: Lab, seconds?: number): Promise<readonly boolean[]> {
  return Promise.all([
    lab.host('node1').canConnect(lab.pod(2).address, undefined, seconds),
    lab.pod(1).canConnect(lab.pod(2).address, undefined, seconds),
    lab.pod(2).canConnect(lab.outsider.address, undefined, seconds),
  ])
}

/** A NodePort with externalTrafficPolicy Cluster, as kube-proxy makes it: masqueraded. */
function masqueradedNodePort(port: number, pod: Place): string {
  const nodePort = `iptables -t nat -A KUBE-NODEPORTS -p tcp -m tcp --dport ${port}`
  return `${nodePort} -j KUBE-MARK-MASQ; ${nodePort} -j DNAT --to-destination ${pod.address}:8080`
}

/** A NodePort of node2 with externalTrafficPolicy Local, and a hostPort as portmap makes it: clients keep their address. */
function localPorts(lab: Lab): string {
  const dnat = `-j DNAT --to-destination ${lab.pod(2).address}:8080`
  const hostPort = 'CNI-HOSTPORT-DNAT -p tcp -m multiport --dports 8088'
  return [
    `iptables -t nat -A KUBE-NODEPORTS -p tcp -m tcp --dport 30080 ${dnat}`,
    'iptables -t nat -N CNI-DN-0123456789abcdef; iptables -t nat -N CNI-HOSTPORT-DNAT',
    `iptables -t nat -A CNI-DN-0123456789abcdef -p tcp -m tcp --dport 8088 ${dnat}`,
    `iptables -t nat -A ${hostPort} -j CNI-DN-0123456789abcdef`,
    'iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT',
  ].join('; ')
}

/** Whether a client outside gets data from these ports of node2, and a container of docker there gets replies. */
async function publishedWork(lab: Lab, ports: readonly number[]): Promise<readonly boolean[]> {
  const { address } = lab.host('node2')
  const reached = ports.map((port) => lab.outsider.canFetch(address, port))
  return [...(await Promise.all(reached)), await answersReachContainer(lab)]
}

/** Whether a container of docker on node2 gets answers from the world; one is made on first use. */
async function answersReachContainer(lab: Lab, seconds = 5): Promise<boolean> {
  const made = await lab.host('node2').run(
    `ip netns list 2>/dev/null | grep -q container || {
       mkdir -p /run/netns; ip netns add container
       ip link add veth0 type veth peer name eth0 netns container; ip link set veth0 master docker0 up; ip link set docker0 up
       ip -n container addr add 172.17.0.2/16 dev eth0; ip -n container link set eth0 up; ip -n container route add default via 172.17.0.1
       iptables -t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
     }
     ip netns exec container nc -n -z -w ${seconds} ${lab.outsider.address} 8080`,
  )
  return made.code === 0
}
