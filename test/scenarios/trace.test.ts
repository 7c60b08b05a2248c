import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, startLab } from '../lab/lab.ts'
import { rounds } from '../rounds.ts'
import { clusters } from './clusters.ts'
import { firewalls, fwRun } from './fw-run.ts'

// In either cluster node1 is of another kind.
describe.each(clusters.slice(0, rounds(1, 2)))('trace on %s hosts', (_, hosts) => {
  let lab: Lab
  let before: readonly string[]
  beforeAll(async () => {
    lab = await startLab({ hosts })
    before = await firewalls(lab)
  })
  afterAll(() => lab.stop())

  const trace = (words: string): ReturnType<typeof fwRun> =>
    fwRun(lab, ['trace', ...words.split(' ')])
  const outsider = 'node1 --in ens18 --from 192.168.67.200 --to 10.42.1.10'
  const other = 'node1 --in ens18 --from 192.168.64.12 --to 10.42.1.10'
  const web = '--proto tcp --dport 8080'

  it('sees the outsider reach a pod, by the rule for the pod network', async () => {
    const run = await trace(`${outsider} ${web}`)
    expect(run.stderr).toBe('Connect and read facts: 1 of 1 hosts\n')
    expect(run.stdout).toContain('FORWARD 12: -A FORWARD -d 10.42.0.0/16 -j ACCEPT\n')
    expect(run.stdout).toMatch(/\ntrace: node1: accepted by FORWARD 12\.\n$/)
    expect(run.code).toBe(0)
    expect(await lab.outsider.canConnect('10.42.1.10')).toBe(true)
  })

  it('finds the way to a pod elsewhere, and the host itself', async () => {
    expect((await trace(`${outsider.replace('.1.10', '.2.10')} ${web}`)).stdout).toContain(
      'out flannel.1, as the routes say',
    )
    expect((await trace(outsider.replace('10.42.1.10', '192.168.64.11'))).stdout).toContain(
      'the packet is for the host itself',
    )
  })

  it('sees pods reach pods elsewhere, and no outsider with the address of a pod', async () => {
    const pod = 'node1 --in cali0123456789a --from 10.42.1.10 --to 10.42.2.10'
    const run = await trace(`${pod} ${web}`)
    expect(run.stdout).toMatch(/\ntrace: node1: accepted by FORWARD 11\.\n$/)
    const lent = await trace(`${pod.replace('10.42.1.10', '10.42.3.10')} ${web}`)
    expect(lent.stdout).toMatch(/\ntrace: node1: dropped by raw cali-PREROUTING 3\.\n$/)
  })

  it('follows a service to its pod', async () => {
    const run = await trace(
      `${outsider.replace('10.42.1.10', '10.43.0.80')} --proto tcp --dport 80`,
    )
    expect(run.stdout).toContain('translated to 10.42.1.10:8080')
    expect(run.stdout).toMatch(/accepted by KUBE-FORWARD 2/)
  })

  it('sees the outsider turned away after apply, and a node pass', async () => {
    expect((await fwRun(lab, ['apply'])).code).toBe(0)
    for (const packet of [web, '--proto icmp', '--proto udp --dport 53']) {
      expect((await trace(`${outsider} ${packet}`)).stdout).toMatch(
        /\ntrace: node1: rejected by FORWARD 12\.\n$/,
      )
      expect((await trace(`${other} ${packet}`)).stdout).toMatch(
        /\ntrace: node1: accepted by FORWARD 13\.\n$/,
      )
    }
    expect(await lab.outsider.canConnect('10.42.1.10')).toBe(false)
    expect(await lab.host('node2').canConnect('10.42.1.10')).toBe(true)
    expect((await fwRun(lab, ['remove'])).code).toBe(0)
  })

  it('gives programs the same as JSON', async () => {
    const run = await trace(`${outsider} ${web} --output json`)
    expect(run.json()).toMatchObject({
      command: 'trace',
      host: 'node1',
      verdicts: [
        {
          verdict: 'accept',
          certain: true,
          path: [
            {
              table: 'filter',
              chain: 'FORWARD',
              number: 12,
              rule: '-A FORWARD -d 10.42.0.0/16 -j ACCEPT',
            },
          ],
        },
      ],
    })
  })

  it('refuses an unknown host and interface, and suggests a known one', async () => {
    const host = await trace(outsider.replace('node1', 'nodee1'))
    expect(host.code).toBe(5)
    expect(host.stderr).toMatch(/No host "nodee1".*Did you mean "node1"/s)
    const absent = await trace(outsider.replace('ens18', 'ens81'))
    expect(absent.code).toBe(5)
    expect(absent.stderr).toMatch(/node1 has no interface ens81.*ens18/s)
    const none = await trace(outsider.replace('ens18', 'ens/18'))
    expect(none.code).toBe(5)
    expect(none.stderr).toContain('is not a network interface')
  })

  it('writes nothing anywhere', async () => {
    expect(await firewalls(lab)).toEqual(before)
  })

  it('reports a host that fails as every command does', async () => {
    await lab.host('node2').breakTool('iptables-save', { message: 'out of luck' })
    const broken = await trace(outsider.replace('node1', 'node2'))
    expect(broken.code).toBe(2)
    expect(broken.stdout).toMatch(/FAIL {2}firewall cannot be read: node2.*out of luck/s)
    expect(broken.stdout).not.toContain('--limit')
    await lab.host('node3').killSshd()
    const gone = await trace(outsider.replace('node1', 'node3'))
    expect(gone.code).toBe(4)
    expect(gone.stdout).toContain('FAIL  cannot be reached: node3')
  })
})
