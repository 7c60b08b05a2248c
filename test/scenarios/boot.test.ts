import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { shutDown, startPods, startSystemd, startUp } from '../lab/boot/reboot.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { long } from '../rounds.ts'
import { addIpv6 } from './dual-stack.ts'
import type { Run } from './fw-run.ts'
import { withGuard } from './guarded.ts'
import { four } from './matrix/addresses.ts'
import { addContainer, serveDatagrams, startContainer, tryFlows } from './matrix/flows.ts'
import { iptablesRules } from './matrix/iptables-rules.ts'
import { rulesByWriter, type Writer, writers } from './matrix/writers.ts'

const rules = iptablesRules(four, true)
const byWriter = rulesByWriter(rules)

const orders: readonly (readonly Writer[])[] = [
  writers,
  ['flannel', 'portmap', 'felix', 'kube-proxy', 'docker'],
  ...(long
    ? ([
        ['felix', 'docker', 'portmap', 'flannel', 'kube-proxy'],
        ['kube-proxy', 'felix', 'docker', 'felix', 'flannel', 'portmap', 'docker'],
      ] as const)
    : []),
]

// There is no systemd: systemctl is a stand-in, which runs the ExecStart line of the unit as it stands.
describe('a node that is rebooted', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await startLab({ hosts: [{ rules }, { rules }] })
    await addIpv6(lab)
    await Promise.all(lab.hosts.map(startSystemd))
    const routes = [four.services, ...four.vip, four.pod[1]].map(
      (one) => `ip route add ${one} via ${four.node}`,
    )
    await lab.outsider.run(routes.join('; '))
    await addContainer(lab.host('node1'))
    await serveDatagrams(lab)
  })
  afterAll(() => lab.stop())

  const run = (guard: string, words: readonly string[], vars: object = {}): Promise<Run> =>
    withGuard(lab, guard, words, { fw_persist: true, ...vars })

  /** Reboots node1; others write in this order. Gives back how many echo requests of the outsider its pod answered. */
  async function reboot(order: readonly Writer[]): Promise<number> {
    const host = lab.host('node1')
    const file = `/tmp/pings-${randomUUID()}`
    const pings = lab.outsider.run(`echo $$ >${file}; exec ping -n -i 0.01 ${lab.pod(1).address}`)
    await shutDown(host)
    await host.mendTools()
    await startUp(host)
    await startPods(host)
    await startContainer(host)
    for (const writer of order) {
      const { code, stderr } = await host.run('iptables-restore --noflush', {
        stdin: byWriter[writer],
      })
      expect(`${stderr}${code}`, writer).toBe('0')
    }
    await lab.outsider.run(`read -r pid <${file}; rm ${file}; kill -INT $pid`)
    const { stdout } = await pings
    expect(Number(/(\d+) packets transmitted/.exec(stdout)?.[1])).toBeGreaterThan(20)
    return stdout.match(/bytes from .* icmp_seq=/g)?.length ?? 0
  }

  const closed = (flows: Readonly<Record<string, boolean>>, wanted: boolean): readonly string[] =>
    Object.keys(flows).filter((name) => flows[name] === wanted)

  it('lets outsiders in without boot files', async () => {
    const made = await withGuard(lab, 'nft', ['apply'])
    expect(made.code).toBe(0)
    expect(await reboot(writers)).toBeGreaterThan(0)
  })

  it.each(['nft', 'mangle'])(
    'lets nobody in with boot files of %s, whatever order others write in, and loses no published port',
    async (guard) => {
      const made = await run(guard, ['apply'])
      expect(made.stdout).toContain('write /etc/fw-run/guard.sh and')
      expect(made.code).toBe(0)
      for (const order of orders) {
        expect(await reboot(order), order.join(' ')).toBe(0)
        const { stop, keep } = await tryFlows(lab, four)
        expect({ open: closed(stop, true), broken: closed(keep, false) }).toEqual({
          ...{ open: [], broken: [] },
        })
      }
      const again = await run(guard, ['apply'])
      expect(again.stdout).toContain('nothing to do on 2 hosts')
      const verified = await lab
        .host('node1')
        .run('systemd-analyze verify /etc/systemd/system/fw-run-guard*.service')
      expect(`${verified.stderr}${verified.code}`).toBe('0')
      expect((await run(guard, ['remove'])).code).toBe(0)
      const { stdout } = await lab
        .host('node1')
        .run('ls -d /etc/fw-run /etc/systemd/system/*fw-run*')
      expect(stdout).toBe('')
    },
  )

  // What a host calls, one after the other: it makes the guard, decides, names its boot files, clears away.
  const steps: readonly (readonly [guard: string, tool: string, words: string])[] = [
    ['nft', 'nft', '-f'],
    ['nft', 'mv', 'committed'],
    ['mangle', 'mv', 'guard.sh'],
    ...(long
      ? ([
          ['nft', 'mv', 'guard.sh'],
          ['nft', 'rm', 'gone'],
          ['mangle', 'iptables-restore', ''],
          ['mangle', 'mv', 'committed'],
          ['mangle', 'rm', 'gone'],
        ] as const)
      : []),
  ]

  it.each(steps)(
    'lets nobody in with boot files of %s, where it is rebooted while an apply calls %s %s',
    async (guard, tool, words) => {
      expect((await run(guard, ['apply'])).code).toBe(0)
      const host = lab.host('node1')
      await host.holdTool(tool, words)
      const member = { fw_extra_members: ['192.168.64.78'] }
      const running = run(guard, ['apply', '--lease', '5'], member)
      const called = async () =>
        (await host.run(`test -s /usr/lib/lab/kept/${tool}.breakage/calls`)).code
      await expect.poll(called).toBe(0)
      expect(await reboot(writers)).toBe(0)
      await running
      expect((await run(guard, ['recover'], member)).code).toBe(0)
      expect((await run(guard, ['apply'], member)).code).toBe(0)
      expect((await run(guard, ['status'], member)).code).toBe(0)
      expect((await run(guard, ['remove'])).code).toBe(0)
    },
  )

  it('with the members of before is told by status, and mended by apply', async () => {
    expect((await run('nft', ['apply'])).code).toBe(0)
    const old = '/tmp/guard.sh'
    await lab.host('node1').run(`cp /etc/fw-run/guard.sh ${old}`)
    const more = { fw_extra_members: ['192.168.64.77'] }
    expect((await run('nft', ['apply'], more)).code).toBe(0)
    await lab.host('node1').run(`cp ${old} /etc/fw-run/guard.sh`)
    await reboot(writers)
    const status = await run('nft', ['status'], more)
    expect(status.code).toBe(3)
    expect(status.stdout).toContain('replace /etc/fw-run/guard.sh: it differs from the file')
    expect(status.stdout).toContain('replace table inet fw_run: allow 192.168.64.77')
    expect(status.stdout).toMatch(/node1 : drifted/)
    expect(status.stdout).toMatch(/node2 : protected/)
    const mended = await run('nft', ['apply', '--diff'], more)
    expect(mended.stdout).toContain('+ /etc/fw-run/guard.sh: iifname')
    expect(mended.code).toBe(0)
    expect((await run('nft', ['status'], more)).code).toBe(0)
  })

  it('is refused under the guard forward, before anything is changed', async () => {
    const refused = await run('forward', ['apply'], { fw_published: 'allow' })
    expect(refused.code).toBe(2)
    expect(refused.stdout.replaceAll(/\s+/g, ' ')).toContain('Set fw_guard: auto, nft or mangle')
    expect((await run('forward', ['remove'])).code).toBe(0)
  })
})
