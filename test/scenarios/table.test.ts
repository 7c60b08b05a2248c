import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, startLab } from '../lab/lab.ts'
import { articleRules } from '../lab/spec.ts'
import { long } from '../rounds.ts'
import { addIpv6, address6, pod6, pods6 } from './dual-stack.ts'
import { guards, type Run } from './fw-run.ts'
import { clusterIp, everything, meanwhile, withGuard } from './guarded.ts'

/** Runs fw-run with the guard `nft` in the inventory, and these variables. */
function withTable(lab: Lab, words: readonly string[], vars: object = {}): Promise<Run> {
  return withGuard(lab, 'nft', words, vars)
}

describe.each(['legacy', 'nft'] as const)('a table on hosts with the %s backend', (backend) => {
  let lab: Lab
  let before: readonly string[]

  beforeAll(async () => {
    lab = await startLab({ hosts: [{ backend }, { backend, login: 'root' }, { backend }] })
    await addIpv6(lab)
    await lab.outsider.run('ip route add 10.43.0.0/16 via 192.168.64.11')
    before = await everything(lab)
  })
  afterAll(() => lab.stop())

  it('begins with an outsider who reaches pods in both families, and services', async () => {
    expect(await lab.outsider.canPing(lab.pod(2).address)).toBe(true)
    expect(await lab.outsider.canPing(pod6(2))).toBe(true)
    expect(await lab.outsider.canConnect(clusterIp, 80)).toBe(true)
  })

  it('is proposed by preflight, which writes nothing', async () => {
    const run = await withTable(lab, ['preflight', '--diff'])
    expect(run.stdout).toContain('+ prerouting: iifname { "ens18" } ip daddr')
    expect(run.code).toBe(0)
    expect(await everything(lab)).toEqual(before)
  })

  it('closes pods of both families and services to the outsider', async () => {
    const run = await withTable(lab, ['apply'])
    expect(run.stdout).toContain('apply: done, 3 of 3 hosts changed.')
    expect(run.code).toBe(0)
    for (const [at, { pod }] of lab.hosts.entries()) {
      expect(await lab.outsider.canPing(pod.address)).toBe(false)
      expect(await lab.outsider.canConnect(pod.address)).toBe(false)
      expect(await lab.outsider.canPing(pod6(at + 1))).toBe(false)
      expect(await lab.outsider.canConnect(pod6(at + 1))).toBe(false)
    }
    expect(await lab.outsider.canConnect(clusterIp, 80)).toBe(false)
  })

  it('keeps what nodes and pods do, and the neighbours of IPv6', async () => {
    for (const [at, host] of lab.hosts.entries()) {
      const next = ((at + 1) % lab.hosts.length) + 1
      expect(await host.canConnect(lab.pod(next).address)).toBe(true)
      expect(await host.pod.canConnect(lab.pod(next).address)).toBe(true)
      expect(await host.canConnect(pod6(next))).toBe(true)
      expect(await host.pod.canConnect(pod6(next))).toBe(true)
      expect(await host.pod.canConnect(clusterIp, 80)).toBe(true)
      expect(await host.pod.canPing(lab.outsider.address)).toBe(true)
      await expect.poll(() => host.pod.canPing('fd00:64::200')).toBe(true)
      await host.run('ip -6 neigh flush dev ens18')
      await expect.poll(() => lab.outsider.canPing(address6(at + 1))).toBe(true)
    }
  })

  it('is protection for status, which counts what was rejected', async () => {
    const run = await withTable(lab, ['status'])
    expect(run.code).toBe(0)
    expect(run.stdout).toMatch(/node2 : protected +table=yes +packets=[1-9]/)
  })

  it('is not changed by a second apply', async () => {
    const run = await withTable(lab, ['apply'])
    expect(run.code).toBe(0)
    expect(run.stdout.match(/changed=0/g)).toHaveLength(3)
  })

  it('is replaced when members change, in one step that keeps the counters', async () => {
    const counted = (await rejected(lab))[0] ?? 0
    expect(counted).toBeGreaterThan(0)
    const more = { fw_extra_members: [lab.outsider.address] }
    const run = await withTable(lab, ['apply'], more)
    expect(run.stdout).toContain(`replace table inet fw_run: allow ${lab.outsider.address}`)
    expect(await lab.outsider.canPing(lab.pod(1).address)).toBe(true)
    expect(await lab.outsider.canPing(pod6(1))).toBe(false)
    expect((await rejected(lab))[0]).toBeGreaterThanOrEqual(counted)
    const back = await withTable(lab, ['apply'])
    expect(back.stdout).toContain('the guard would no longer allow 192.168.67.200')
    expect(await lab.outsider.canPing(lab.pod(1).address)).toBe(false)
  })

  it('is mended where somebody changed it by hand or deleted it', async () => {
    await lab.host('node1').run('nft insert rule inet fw_run prerouting accept')
    await lab.host('node3').run('nft delete table inet fw_run')
    expect(await lab.outsider.canPing(lab.pod(1).address)).toBe(true)
    const status = await withTable(lab, ['status'])
    expect(status.code).toBe(3)
    expect(status.stdout).toMatch(/node1 : drifted/)
    expect(status.stdout).toMatch(/node3 : unprotected/)
    expect((await withTable(lab, ['apply'])).code).toBe(0)
    expect(await lab.outsider.canPing(lab.pod(1).address)).toBe(false)
    expect(await lab.outsider.canPing(lab.pod(3).address)).toBe(false)
  })

  it('is rolled back everywhere where one host fails', async () => {
    const applied = await everything(lab)
    await lab.host('node2').breakTool('nft', { whenArgs: '^-f' })
    const run = await withTable(lab, ['apply'], { fw_action: 'DROP' })
    await lab.host('node2').mendTools()
    expect(run.code).toBe(2)
    expect(run.stdout).toContain('every host is as before')
    expect(await everything(lab)).toEqual(applied)
    expect((await withTable(lab, ['status'])).code).toBe(0)
  })

  it('refuses a pod network that is not closed, and one that holds nodes', async () => {
    const open = await withTable(lab, ['preflight'], { fw_pod_cidrs: ['10.42.0.0/23'] })
    expect(open.code).toBe(2)
    expect(open.stdout).toContain('pods have addresses that the guard does not close')
    const nodes = await withTable(lab, ['preflight'], {
      fw_pod_cidrs: ['10.42.0.0/16', pods6, '192.168.64.0/24'],
    })
    expect(nodes.code).toBe(2)
    expect(nodes.stdout).toContain('the guard would close addresses of nodes: 192.168.64.11')
  })

  it('is removed, and all is as before', async () => {
    const run = await withTable(lab, ['remove'])
    expect(run.code).toBe(0)
    expect(await everything(lab)).toEqual(before)
    expect(await lab.outsider.canPing(lab.pod(1).address)).toBe(true)
  })

  it('leaves a table alone that another program made under that name', async () => {
    await lab.host('node2').run('nft add table inet fw_run; nft add chain inet fw_run theirs')
    const refused = await withTable(lab, ['apply'])
    expect(refused.code).toBe(2)
    expect(refused.stdout).toContain('another program made it')
    expect((await withTable(lab, ['remove'])).code).toBe(0)
    const { stdout } = await lab.host('node2').run('nft list table inet fw_run')
    expect(stdout).toContain('chain theirs')
    await lab.host('node2').run('nft delete table inet fw_run')
  })
})

describe('a cluster that changes its guard', () => {
  let lab: Lab

  beforeAll(async () => {
    lab = await startLab({ hosts: 3 })
    await addIpv6(lab)
    expect((await withGuard(lab, 'forward', ['apply'])).code).toBe(0)
  })
  afterAll(() => lab.stop())

  it('goes from rule to table and back without a packet of outsiders let in or one of pods lost', async () => {
    const { outsiders, pods } = await meanwhile(lab, async () => {
      const there = await withTable(lab, ['apply'])
      expect(there.stdout).toContain('apply: done, 3 of 3 hosts changed.')
      for (const { name } of lab.hosts) expect(await guards(lab, name)).toEqual([])
      expect((await lab.host('node1').run('ipset list -n')).stdout).not.toContain('cluster_nodes')
      const back = await withGuard(lab, 'forward', ['apply'])
      expect(back.stdout).toContain('apply: done, 3 of 3 hosts changed.')
      for (const { name } of lab.hosts) expect(await guards(lab, name)).toHaveLength(1)
      expect((await lab.host('node1').run('nft list tables')).stdout).not.toContain('fw_run')
    })
    expect(outsiders.sent).toBeGreaterThan(100)
    expect(outsiders.answered).toBe(0)
    expect(pods.answered).toBeGreaterThan(100)
    expect(pods.lost).toBe(0)
  })

  it('keeps its rule where the change fails on one host', async () => {
    const before = await everything(lab)
    await lab.host('node3').breakTool('ipset', { whenArgs: '^(destroy|rename)' })
    const run = await withTable(lab, ['apply'])
    await lab.host('node3').mendTools()
    expect(run.code).toBe(2)
    expect(await everything(lab)).toEqual(before)
  })
})

describe('a cluster whose hosts have different guards', () => {
  let lab: Lab
  let before: readonly string[]

  beforeAll(async () => {
    lab = await startLab({ hosts: [{ flavour: 'el7' }, {}, { backend: 'nft', login: 'root' }] })
    before = await everything(lab)
  })
  afterAll(() => lab.stop())

  const mixed = (...words: readonly string[]): Promise<Run> =>
    withGuard(lab, { node1: 'mangle', node2: 'forward', node3: 'nft' }, words)

  it.each([
    ['node1', 'ipset', '^(restore|rename)'],
    ['node1', 'iptables', '-A FW-RUN -d'],
    ['node1', 'iptables', '-I PREROUTING'],
    ['node2', 'ipset', '^(restore|rename)'],
    ['node2', 'iptables', '-I FORWARD'],
    ['node3', 'nft', '^-f'],
  ])('is as before on every host where %s cannot use %s', async (name, tool, whenArgs) => {
    await lab.host(name).breakTool(tool, { whenArgs })
    const run = await mixed('apply')
    await lab.host(name).mendTools()
    expect(run.stdout).toContain(`rolled back because of ${name}`)
    expect(run.code).toBe(2)
    expect(await everything(lab)).toEqual(before)
  })

  it('is protected in one transaction, by chain, rule and table', async () => {
    const run = await mixed('apply')
    expect(run.stdout).toContain('apply: done, 3 of 3 hosts changed.')
    expect(run.code).toBe(0)
    for (const { pod } of lab.hosts) expect(await lab.outsider.canPing(pod.address)).toBe(false)
    expect(await lab.pod(1).canConnect(lab.pod(2).address)).toBe(true)
    expect(await lab.pod(2).canConnect(lab.pod(3).address)).toBe(true)
    const status = await mixed('status')
    expect(status.stdout).toMatch(/node1 : protected +chain=yes/)
    expect(status.stdout).toMatch(/node2 : protected +rule=12/)
    expect(status.stdout).toMatch(/node3 : protected +table=yes/)
    expect((await mixed('remove')).code).toBe(0)
    expect(await everything(lab)).toEqual(before)
  })
})

const withoutCalico = articleRules
  .split('\n')
  .filter((line) => !line.includes('cali'))
  .join('\n')

/** Felix up to 3.15 accepts inside its own chain what its policies let pass. */
const felix315 = articleRules.replace(
  /^-A cali-FORWARD .* -j cali-cidr-block\n/m,
  '$&-A cali-FORWARD -m mark --mark 0x10000/0x10000 -j ACCEPT\n',
)

/** k3s lets its policies decide first, and accepts the packets of pods without a policy by their mark, before flannel. */
const k3s = withoutCalico
  .replace(
    /^-A FORWARD /m,
    '-A FORWARD -j KUBE-ROUTER-FORWARD\n-A FORWARD -m mark --mark 0x20000/0x20000 -j ACCEPT\n$&',
  )
  .replace(
    /^:FORWARD DROP.*\n/m,
    `$&:KUBE-ROUTER-FORWARD -
:KUBE-POD-FW-A -
-A KUBE-ROUTER-FORWARD -d 10.42.0.0/16 -j KUBE-POD-FW-A
-A KUBE-POD-FW-A -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A KUBE-POD-FW-A -j MARK --set-xmark 0x20000/0x20000
`,
  )

/** An ingress behind a hostPort, as RKE makes it. Its clients keep their addresses, so the rule would stop them. */
const ingress = articleRules
  .replace(
    '\n-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER\n',
    `\n-A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT$&`,
  )
  .replace(
    /^:DOCKER .*\n(?=:KUBE-KUBELET-CANARY)/m,
    `$&:CNI-HOSTPORT-DNAT -
-A CNI-HOSTPORT-DNAT -p tcp -m tcp --dport 8088 -j DNAT --to-destination 10.42.1.10:8080
`,
  )

const anotherGuard = 'preflight -e fw_guard=nft'

describe.each([
  ['hosts without Calico', { rules: withoutCalico }, 'vxlan', anotherGuard],
  ['hosts with Felix 3.15', { rules: felix315 }, 'vxlan', anotherGuard],
  ['hosts whose pods arrive bare, as with kubenet', { rules: withoutCalico }, 'bare', anotherGuard],
  ...(long
    ? ([
        ['hosts of k3s', { rules: k3s }, 'vxlan', anotherGuard],
        ['hosts of canal with an ingress behind a hostPort', { rules: ingress }, 'vxlan', '8088'],
      ] as const)
    : []),
] as const)('%s', (_, spec, podRouting, refusal) => {
  let lab: Lab
  beforeAll(async () => {
    lab = await startLab({ hosts: [spec, spec], podRouting })
  })
  afterAll(() => lab.stop())

  it('are refused by the rule, with the reason or the remedy, and protected by the table', async () => {
    const forward = await withGuard(lab, 'forward', ['preflight'])
    expect(forward.code).toBe(2)
    expect(forward.stdout.replaceAll(/\s+/g, ' ')).toContain(refusal)
    expect(await lab.outsider.canConnect(lab.pod(1).address)).toBe(true)
    const run = await withTable(lab, ['apply'])
    expect(run.stdout).toContain('apply: done, 2 of 2 hosts changed.')
    expect(await lab.outsider.canConnect(lab.pod(1).address)).toBe(false)
    expect(await lab.outsider.canPing(lab.pod(2).address)).toBe(false)
    expect(await lab.pod(1).canConnect(lab.pod(2).address)).toBe(true)
    expect(await lab.host('node1').canConnect(lab.pod(2).address)).toBe(true)
    expect(await lab.pod(1).canPing(lab.outsider.address)).toBe(true)
    if (spec.rules === ingress) {
      expect(await lab.outsider.canFetch(lab.host('node1').address, 8088)).toBe(true)
    }
  })
})

/** Packets that hosts count as rejected, in the order of the hosts. */
async function rejected(lab: Lab): Promise<readonly number[]> {
  const run = await withTable(lab, ['status', '--output', 'json'])
  return run.json().hosts.map((host) => host.rejected?.packets ?? 0)
}
