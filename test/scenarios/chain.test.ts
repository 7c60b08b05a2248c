import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, startLab } from '../lab/lab.ts'
import { addIpv6, address6, pod6 } from './dual-stack.ts'
import { guards, type Run } from './fw-run.ts'
import { clusterIp, everything, meanwhile, withGuard } from './guarded.ts'

describe('a chain on hosts of CentOS 7.9, of nf_tables and of legacy', () => {
  let lab: Lab
  let before: readonly string[]

  beforeAll(async () => {
    lab = await startLab({
      hosts: [{ flavour: 'el7' }, { backend: 'nft', login: 'root' }, {}],
    })
    await addIpv6(lab)
    await lab.outsider.run('ip route add 10.43.0.0/16 via 192.168.64.11')
    before = await everything(lab)
  })
  afterAll(() => lab.stop())

  const withChain = (words: readonly string[], vars: object = {}): Promise<Run> =>
    withGuard(lab, 'mangle', words, vars)

  it('is proposed by preflight, which writes nothing and says that mangle cannot reject', async () => {
    const run = await withChain(['preflight', '--diff'])
    expect(run.stdout).toContain('+ iptables: -t mangle -A FW-RUN -d 10.43.0.0/16 -j DROP')
    expect(run.stdout).toContain('+ ip6tables: -t mangle -I PREROUTING 1 -i ens18 -j FW-RUN')
    expect(run.stdout).toContain('mangle cannot reject packets')
    expect(run.code).toBe(0)
    expect(await everything(lab)).toEqual(before)
  })

  it.each(['cluster_nodes', 'cluster_nodes-6'])(
    'changes no host where another program has the set %s on one, and status says so',
    async (set) => {
      const node2 = lab.host('node2')
      await node2.run(`ipset create ${set} hash:net family ${set.endsWith('6') ? 'inet6' : 'inet'}`)
      const found = await everything(lab)
      for (const command of ['apply', 'preflight', 'status']) {
        const run = await withChain([command])
        expect([command, run.code]).toEqual([command, 2])
      }
      const { stdout } = await withChain(['status'])
      expect(stdout).toMatch(/node2 : unprotected/)
      expect(stdout).not.toMatch(/hosts? protected/)
      expect(await everything(lab)).toEqual(found)
      const [, destroy] =
        /run `(ipset destroy \S+)` on that host/.exec(stdout.replaceAll(/\s+/g, ' ')) ?? []
      await node2.run(`${destroy}`)
      expect(await everything(lab)).toEqual(before)
    },
  )

  it('closes pods of both families and services to the outsider', async () => {
    expect(await lab.outsider.canPing(lab.pod(2).address)).toBe(true)
    expect(await lab.outsider.canPing(pod6(2))).toBe(true)
    expect(await lab.outsider.canConnect(clusterIp, 80)).toBe(true)
    const run = await withChain(['apply'])
    expect(run.stdout).toContain('apply: done, 3 of 3 hosts changed.')
    expect(run.code).toBe(0)
    const answers = await Promise.all([
      ...lab.hosts.flatMap(({ pod }, at) => [
        lab.outsider.canPing(pod.address),
        lab.outsider.canConnect(pod.address),
        lab.outsider.canPing(pod6(at + 1)),
      ]),
      lab.outsider.canConnect(clusterIp, 80),
    ])
    expect(answers).not.toContain(true)
  })

  it('keeps what nodes and pods do, and the neighbours of IPv6', async () => {
    for (const [at, host] of lab.hosts.entries()) {
      const next = ((at + 1) % lab.hosts.length) + 1
      expect(await host.canConnect(lab.pod(next).address)).toBe(true)
      expect(await host.pod.canConnect(lab.pod(next).address)).toBe(true)
      expect(await host.pod.canConnect(pod6(next))).toBe(true)
      expect(await host.pod.canPing(lab.outsider.address)).toBe(true)
      await expect.poll(() => host.pod.canPing('fd00:64::200')).toBe(true)
      await host.run('ip -6 neigh flush dev ens18')
      await expect.poll(() => lab.outsider.canPing(address6(at + 1))).toBe(true)
    }
  })

  it('is protection for status, which counts what was dropped', async () => {
    const run = await withChain(['status'])
    expect(run.code).toBe(0)
    expect(run.stdout).toMatch(/node1 : protected +chain=yes +packets=[1-9]/)
    expect(run.stdout).toMatch(/node2 : protected +chain=yes +packets=[1-9]/)
  })

  it('is not changed by a second apply', async () => {
    const run = await withChain(['apply'])
    expect(run.code).toBe(0)
    expect(run.stdout.match(/changed=0/g)).toHaveLength(3)
  })

  it('is the first thing that trace tells', async () => {
    const packet = ['--in', 'ens18', '--from', '192.168.67.200', '--to']
    for (const to of [lab.pod(1).address, clusterIp]) {
      const run = await withChain(['trace', 'node2', ...packet, to])
      expect(run.stdout).toContain('stopped by chain FW-RUN of mangle')
    }
    const node = ['--in', 'ens18', '--from', '192.168.64.11', '--to', lab.pod(1).address]
    const run = await withChain(['trace', 'node1', ...node])
    expect(run.stdout).toContain('chain FW-RUN of mangle lets the packet pass')
  })

  it('is changed with its members and networks', async () => {
    const more = { fw_extra_members: [lab.outsider.address], fw_service_cidrs: ['10.43.0.0/17'] }
    const run = await withChain(['apply'], more)
    expect(run.stdout).toContain(`add to set cluster_nodes: ${lab.outsider.address}`)
    expect(run.code).toBe(0)
    expect(await lab.outsider.canPing(lab.pod(1).address)).toBe(true)
    expect(await lab.outsider.canPing(pod6(1))).toBe(false)
    expect((await withChain(['apply'])).code).toBe(0)
    expect(await lab.outsider.canPing(lab.pod(1).address)).toBe(false)
  })

  it('is mended where somebody edited it, flushed it or lets outsiders pass before it', async () => {
    await lab.host('node1').run('iptables -t mangle -I FW-RUN -j RETURN')
    await lab.host('node2').run('iptables -t mangle -F')
    await lab.host('node3').run('iptables -t mangle -I PREROUTING -s 192.168.67.0/24 -j ACCEPT')
    expect(await lab.outsider.canPing(lab.pod(1).address)).toBe(true)
    expect(await lab.outsider.canPing(lab.pod(3).address)).toBe(true)
    const status = await withChain(['status'])
    expect(status.code).toBe(3)
    expect(status.stdout).toMatch(/node1 : drifted/)
    expect(status.stdout).toMatch(/node2 : drifted/)
    expect(status.stdout.replaceAll(/\s+/g, ' ')).toContain(
      'a rule of mangle PREROUTING may let packets of outsiders pass before the chain of fw-run: -A PREROUTING -s 192.168.67.0/24 -j ACCEPT',
    )
    expect((await withChain(['apply'])).code).toBe(0)
    const pings = lab.hosts.map(({ pod }) => lab.outsider.canPing(pod.address))
    expect(await Promise.all(pings)).not.toContain(true)
    await lab.host('node3').run('iptables -t mangle -D PREROUTING -s 192.168.67.0/24 -j ACCEPT')
    expect((await withChain(['status'])).code).toBe(0)
  })

  it('is removed, and all is as before', async () => {
    await lab.host('node2').run('iptables -t mangle -S >/dev/null')
    const run = await withChain(['remove'])
    expect(run.code).toBe(0)
    const [, flushed] = await everything(lab)
    expect(flushed).not.toContain('FW-RUN')
    const others = (all: readonly string[]) => all.filter((_, at) => at !== 1)
    expect(others(await everything(lab))).toEqual(others(before))
    expect(await lab.outsider.canPing(lab.pod(1).address)).toBe(true)
  })

  it('leaves a chain alone that another program made under that name', async () => {
    await lab.host('node3').run('iptables -t mangle -N FW-RUN; iptables -t mangle -A FW-RUN -j LOG')
    const refused = await withChain(['apply'])
    expect(refused.code).toBe(2)
    expect(refused.stdout).toContain('another program made it')
    expect((await withChain(['remove'])).code).toBe(0)
    const { stdout } = await lab.host('node3').run('iptables -t mangle -S FW-RUN')
    expect(stdout).toContain('-A FW-RUN -j LOG')
  })
})

describe('a cluster that takes one guard after the other', () => {
  let lab: Lab

  beforeAll(async () => {
    lab = await startLab({ hosts: 2 })
    await addIpv6(lab)
    expect((await withGuard(lab, 'forward', ['apply'])).code).toBe(0)
  })
  afterAll(() => lab.stop())

  it('lets no packet of outsiders in and loses none of pods', async () => {
    const { outsiders, pods } = await meanwhile(lab, async () => {
      for (const guard of ['mangle', 'nft', 'mangle', 'forward']) {
        const run = await withGuard(lab, guard, ['apply'])
        expect(run.stdout).toContain('apply: done, 2 of 2 hosts changed.')
        const { stdout } = await lab.host('node1').run('iptables-save -t mangle; nft list tables')
        expect(stdout.includes('FW-RUN')).toBe(guard === 'mangle')
        expect(stdout.includes('fw_run')).toBe(guard === 'nft')
        expect(await guards(lab, 'node1')).toHaveLength(guard === 'forward' ? 1 : 0)
      }
    })
    expect(outsiders.sent).toBeGreaterThan(100)
    expect(outsiders.answered).toBe(0)
    expect(pods.answered).toBeGreaterThan(100)
    expect(pods.lost).toBe(0)
  })
})

describe('a cluster that leaves the guard to its hosts', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await startLab({ hosts: [{ flavour: 'el7' }, { backend: 'nft', login: 'root' }] })
    await addIpv6(lab)
  })
  afterAll(() => lab.stop())

  it('gets nft where it can be had, else mangle, and the plan says so', async () => {
    const look = await withGuard(lab, 'auto', ['preflight'])
    const said = look.stdout.replaceAll(/\s+/g, ' ')
    expect(said).toContain(
      'auto chose the guard mangle, because nft cannot create the table of fw-run here: nft is not installed',
    )
    expect(said).toContain('auto chose the guard nft')
    const run = await withGuard(lab, 'auto', ['apply'])
    expect(run.stdout).toContain('apply: done, 2 of 2 hosts changed.')
    const status = await withGuard(lab, 'auto', ['status'])
    expect(status.code).toBe(0)
    expect(status.stdout).toMatch(/node1 : protected +chain=yes/)
    expect(status.stdout).toMatch(/node2 : protected +table=yes/)
    expect(await lab.outsider.canPing(lab.pod(1).address)).toBe(false)
    expect(await lab.outsider.canPing(lab.pod(2).address)).toBe(false)
    expect((await withGuard(lab, 'auto', ['remove'])).code).toBe(0)
  })
})
