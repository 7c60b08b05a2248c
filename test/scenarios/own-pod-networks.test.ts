import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, startLab } from '../lab/lab.ts'
import { articleRules } from '../lab/spec.ts'
import { fwRun, type Run } from './fw-run.ts'
import { withGuard } from './guarded.ts'

describe('fw_pod_cidrs of each host with only the pods of that host, which come without a tunnel', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await startLab({ hosts: 2, podRouting: 'bare' })
    // As flannel does: what comes from others to pods gets the address of the node. No node sends the outsider the short way.
    for (const host of lab.hosts) {
      const made = await host.run(`set -e
iptables -t nat -A POSTROUTING ! -s 10.42.0.0/16 -d 10.42.0.0/16 -j MASQUERADE
for one in /proc/sys/net/ipv4/conf/*; do echo 0 >$one/send_redirects; done`)
      expect(made).toMatchObject({ code: 0, stderr: '' })
    }
  })
  afterAll(() => lab.stop())

  function run(guard: string, command: string, named: readonly number[]): Promise<Run> {
    const [one, two] = [1, 2].map((at) =>
      named.includes(at) ? `10.42.${at}.0/24` : '10.42.1.0/24',
    )
    return runWith(guard, [command], [[one], [two]])
  }

  async function runWith(guard: string, words: readonly string[], networks: readonly unknown[]) {
    const hosts = Object.fromEntries(
      networks.map((fw_pod_cidrs, at) => [`node${at + 1}`, { fw_pod_cidrs }]),
    )
    const vars = { fw_guard: guard, fw_services: 'open' }
    const file = await lab.file('own.yaml', lab.inventoryYaml({ vars, hosts }))
    return fwRun(lab, words, { env: { FW_RUN_INVENTORY: file } })
  }

  const reached = async () => ({
    pods: [
      await lab.pod(1).canConnect(lab.pod(2).address),
      await lab.pod(2).canConnect(lab.pod(1).address),
    ],
    outsider: await lab.outsider.canConnect(lab.pod(1).address),
    byTheOtherNode: await throughOther(),
  })

  /** The outsider asks for the pod of node2 by way of node1. */
  async function throughOther(): Promise<boolean> {
    const route = (verb: string, node: string) =>
      lab.outsider.run(`ip route ${verb} ${lab.pod(2).address} via ${lab.host(node).address}`)
    expect(await route('add', 'node1')).toMatchObject({ code: 0 })
    try {
      return await lab.outsider.canConnect(lab.pod(2).address)
    } finally {
      await route('del', 'node1')
    }
  }

  it.each(['nft', 'mangle'])(
    'keeps pods of all hosts connected with the guard %s',
    async (guard) => {
      expect(await reached()).toEqual({ pods: [true, true], outsider: true, byTheOtherNode: true })
      expect((await run(guard, 'apply', [1, 2])).stdout).toContain(
        'apply: done, 2 of 2 hosts changed',
      )
      expect(await reached()).toEqual({
        pods: [true, true],
        outsider: false,
        byTheOtherNode: false,
      })
      expect((await run(guard, 'status', [1, 2])).stdout).toContain('status: 2 hosts protected')
      await run(guard, 'remove', [1, 2])
    },
  )

  it('is refused where no host names the pods of one', async () => {
    const { code, stdout } = await run('nft', 'apply', [1])
    expect(code).toBe(2)
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      'would stop packets from pods of other hosts. Routes lead to these pods by way of nodes: 10.42.2.0/24 (node 192.168.64.12, interface ens18)',
    )
    expect(await reached()).toEqual({ pods: [true, true], outsider: true, byTheOtherNode: true })
  })

  it('is refused where a host outside of the run names the network of nodes: the guard would let in the outsider', async () => {
    const networks = [['10.42.1.0/24'], ['10.42.2.0/24', '192.168.0.0/16']]
    const { code, stdout } = await runWith('nft', ['apply', '--limit', 'node1'], networks)
    expect(code).toBe(2)
    expect(stdout.replace(/\s+/g, ' ')).toMatch(
      /fw_pod_cidrs of other hosts contains the network of ens18 .*allow 192\.168\.0\.0\/16 as sources/,
    )
  })
})

describe.each(['cali40network-ip-pools', 'cali40all-ipam-pools'])(
  'a pool of Calico for each rack, in %s, with pods that come by routers without a tunnel',
  (set) => {
    let lab: Lab
    beforeAll(async () => {
      const rules = articleRules.replace(/^-A FORWARD -[sd] 10\.42.*\n/gm, '')
      lab = await startLab({ hosts: [{ rules }, { rules }], podRouting: 'bare' })
      await lab.outsider.run(
        'echo 1 >/proc/sys/net/ipv4/ip_forward; for one in /proc/sys/net/ipv4/conf/*; do echo 0 >$one/send_redirects; done',
      )
      for (const at of [1, 2]) {
        const made = await lab.host(`node${at}`).run(`set -e
for one in all default ens18; do echo 0 >/proc/sys/net/ipv4/conf/$one/accept_redirects; done
ip route del 10.42.${3 - at}.0/24
ip route replace default via 192.168.67.200 dev ens18
ip route add blackhole 10.42.${at}.0/26 proto 80
ipset -n list ${set} >/dev/null 2>&1 || ipset create ${set} hash:net
ipset flush ${set}
for pool in 1 2; do ipset add ${set} 10.42.$pool.0/24; done`)
        expect(made).toMatchObject({ code: 0, stderr: '' })
      }
    })
    afterAll(() => lab.stop())

    const reached = async () => ({
      pods: [
        await lab.pod(1).canConnect(lab.pod(2).address),
        await lab.pod(2).canConnect(lab.pod(1).address),
      ],
      outsider: await lab.outsider.canConnect(lab.pod(1).address),
    })
    const run = (...words: readonly string[]) =>
      withGuard(lab, 'nft', words, { fw_pod_cidrs: [], fw_services: 'open' })

    it('are not cut by the guard forward, which no position in FORWARD suits', async () => {
      const vars = { fw_pod_cidrs: [], fw_published: 'allow' }
      const { code, stdout } = await withGuard(lab, 'forward', ['apply'], vars)
      expect(code).toBe(2)
      expect(stdout.replace(/\s+/g, ' ')).toContain(
        'the rule of fw-run would stop "pod on another host → pod here',
      )
      expect(await reached()).toEqual({ pods: [true, true], outsider: true })
    })

    it('are all closed, and stay connected', async () => {
      expect(await reached()).toEqual({ pods: [true, true], outsider: true })
      expect((await run('apply')).stdout).toContain('apply: done, 2 of 2 hosts changed')
      expect(await reached()).toEqual({ pods: [true, true], outsider: false })
      expect((await run('status')).stdout).toContain('status: 2 hosts protected')
    })

    it('are as wanted also for a run on one host, which cannot see the pods of the other one', async () => {
      const status = await run('status', '--limit', 'node1')
      expect(status.stdout).toContain('status: 1 host protected')
      expect((await run('apply', '--limit', 'node1')).stdout).toContain('changed=0')
    })
  },
)
