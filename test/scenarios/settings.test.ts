import { afterEach, describe, expect, it } from 'vitest'
import { type Lab, startLab } from '../lab/lab.ts'
import { articleGuard, firewalls, fwRun, guards } from './fw-run.ts'

describe('apply, as the inventory says', () => {
  let lab: Lab
  afterEach(() => lab?.stop())

  const withVars = async (
    vars: Readonly<Record<string, unknown>>,
    words: readonly string[],
  ): Promise<Awaited<ReturnType<typeof fwRun>>> => {
    const inventory = await lab.file('inventory.yaml', lab.inventoryYaml({ vars }))
    return fwRun(lab, words, { env: { FW_RUN_INVENTORY: inventory } })
  }

  it('guards two interfaces by two rules, side by side, and mends either', async () => {
    lab = await startLab({ hosts: 1 })
    const before = await firewalls(lab)
    const vars = { fw_interface: ['ens18', 'docker0'] }
    expect((await withVars(vars, ['apply'])).code).toBe(0)
    // Before rule 9, by which containers of docker would reach pods.
    const both = [
      articleGuard.replace('12', '9'),
      articleGuard.replace('12', '10').replace('ens18', 'docker0'),
    ]
    expect(await guards(lab, 'node1')).toEqual(both)
    await lab.host('node1').run('iptables -D FORWARD 9')
    expect((await withVars(vars, ['status'])).code).toBe(3)
    expect((await withVars(vars, ['apply'])).code).toBe(0)
    expect(await guards(lab, 'node1')).toEqual(both)
    expect((await withVars(vars, ['remove'])).code).toBe(0)
    expect(await firewalls(lab)).toEqual(before)
  })

  it('drops, admits further members, takes another name, and keeps published ports open', async () => {
    lab = await startLab({ hosts: 2 })
    const vars = {
      fw_action: 'DROP',
      fw_set: 'pods_from',
      fw_extra_members: ['192.168.64.200'],
      fw_published: 'allow',
    }
    expect((await withVars(vars, ['apply'])).code).toBe(0)
    const rules = (await lab.host('node2').run('iptables -S FORWARD')).stdout
    expect(rules).toContain(
      '-A FORWARD -i ens18 -m set ! --match-set pods_from src -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP\n',
    )
    expect((await lab.host('node2').run('ipset test pods_from 192.168.64.200')).code).toBe(0)
    expect((await withVars(vars, ['status'])).code).toBe(0)
  })

  it('insists on a good position, and refuses one too far down or up', async () => {
    lab = await startLab({ hosts: 1 })
    const before = await firewalls(lab)
    const late = await withVars({ fw_position: 13 }, ['apply'])
    expect(late.code).toBe(2)
    expect(late.stdout).toMatch(
      /fw_position 13 is not good: rule 12 of FORWARD accepts "outsider → pod here/,
    )
    expect(await firewalls(lab)).toEqual(before)
    const early = await withVars({ fw_position: 1 }, ['apply'])
    expect(early.code).toBe(2)
    expect(early.stdout).toContain('the rule of fw-run would stop "reply from outsider → pod here"')
    expect((await withVars({ fw_position: 12 }, ['apply'])).code).toBe(0)
    expect(await guards(lab, 'node1')).toEqual([articleGuard])
  })

  it('changes only the hosts of --limit, but with the members of the whole inventory', async () => {
    lab = await startLab({ hosts: 3 })
    const limited = await fwRun(lab, ['apply', '--limit', 'node?,!node1'])
    expect(limited.code).toBe(0)
    expect(limited.stdout).toContain('--limit excluded 1 host. fw-run did not look at: node1.')
    expect(await guards(lab, 'node1')).toEqual([])
    expect(await guards(lab, 'node2')).toEqual([articleGuard])
    expect((await lab.host('node2').run('ipset test cluster_nodes 192.168.64.13')).code).toBe(0)
  })

  it('grows and shrinks the set by a swap when hosts come and go, without a moment open', async () => {
    lab = await startLab({ hosts: 3 })
    expect((await fwRun(lab, ['apply'])).code).toBe(0)
    const run = await fwRun(lab, ['apply', '-e', 'fw_extra_members=["192.168.64.201"]'])
    expect(run.stdout).toContain('add to set cluster_nodes: 192.168.64.201')
    expect(run.stdout.match(/changed=1/g)).toHaveLength(3)
    expect((await fwRun(lab, ['apply'])).stdout).toContain(
      'remove from set cluster_nodes: 192.168.64.201',
    )
    expect((await lab.host('node1').run('ipset list -n')).stdout).not.toContain('fw-run')
  })
})
