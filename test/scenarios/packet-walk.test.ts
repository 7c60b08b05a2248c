import { afterEach, describe, expect, it } from 'vitest'
import { type Lab, startLab } from '../lab/lab.ts'
import { articleRules } from '../lab/spec.ts'
import { firewalls, fwRun } from './fw-run.ts'

describe('preflight walks packets through the real chains', () => {
  let lab: Lab
  afterEach(() => lab?.stop())

  it.each([
    ['a rule of DOCKER-USER that accepts the subnet', 'DOCKER-USER -i ens18 -j ACCEPT'],
    ['a rule that accepts one port', 'FORWARD -p tcp -m tcp --dport 8080 -j ACCEPT'],
    ['a rule for a part of the subnet', 'FORWARD -s 192.168.64.0/22 -j ACCEPT'],
  ])('finds %s, which real outsiders pass', async (_, rule) => {
    lab = await startLab({ hosts: 2 })
    await lab.host('node2').run(`iptables -I ${rule}`)
    const before = await firewalls(lab)
    const run = await fwRun(lab, ['apply'])
    expect(run.stdout).toMatch(/FAIL {2}the rule of fw-run has no good position: node2/)
    expect(run.stdout).toMatch(/rule \d+ of \S+ (accepts|may accept) "outsider → pod/)
    expect(run.stdout).toContain(rule.split(' ').slice(1).join(' '))
    expect(run.code).toBe(2)
    expect(await firewalls(lab)).toEqual(before)

    // What it says is so: the article's rule, put there by hand, would not stop them.
    await lab
      .host('node2')
      .run(
        'ipset create cluster_nodes iphash; iptables -I FORWARD 13 -i ens18 -m set ! --match-set cluster_nodes src -j REJECT',
      )
    expect(await lab.outsider.canConnect(lab.pod(2).address)).toBe(true)
  })

  it('refuses where a condition cannot be evaluated, and says so', async () => {
    lab = await startLab({ hosts: 1 })
    await lab
      .host('node1')
      .run('iptables -I DOCKER-USER -i ens18 -m limit --limit 1/hour -j ACCEPT')
    const run = await fwRun(lab, ['preflight'])
    expect(run.stdout).toMatch(/FAIL {2}the rule of fw-run has no good position: node1/)
    expect(run.stdout).toContain('may accept "outsider → pod here, TCP" before the rule of fw-run')
    expect(run.code).toBe(2)
  })

  it('finds that answers would not come back to pods, and that fw_published: allow mends it', async () => {
    const rules = articleRules.replace(/^-A (KUBE-FORWARD|cali-tw-).*ESTABLISHED.*\n/gm, '')
    lab = await startLab({ hosts: 1, each: { rules } })
    const run = await fwRun(lab, ['apply'])
    expect(run.stdout).toMatch(/FAIL {2}the rule of fw-run has no good position: node1/)
    expect(run.stdout).toContain('the rule of fw-run would stop "reply from outsider → pod here"')
    expect(run.code).toBe(2)

    const ask = (): Promise<boolean> => lab.pod(1).canConnect(lab.outsider.address)
    expect(await ask()).toBe(true)
    expect((await fwRun(lab, ['apply', '-e', 'fw_published=allow'])).code).toBe(0)
    expect(await ask()).toBe(true)
    expect(await lab.outsider.canConnect(lab.pod(1).address)).toBe(false)
    expect((await fwRun(lab, ['remove'])).code).toBe(0)

    // What it says is so: the plain rule cuts the answers off.
    await lab
      .host('node1')
      .run(
        'ipset create cluster_nodes iphash; iptables -I FORWARD 12 -i ens18 -m set ! --match-set cluster_nodes src -j REJECT',
      )
    expect(await ask()).toBe(false)
  })
})
