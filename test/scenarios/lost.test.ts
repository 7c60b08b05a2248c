import { describe, expect, it } from 'vitest'
import { eventually } from '../eventually.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { firewalls, fwRun, guards } from './fw-run.ts'

describe('a session that is lost in the middle of a transaction', () => {
  const changing = async (lab: Lab, host: string): Promise<void> => {
    await eventually(async () => expect(await guards(lab, host)).toHaveLength(1))
  }
  const cutSession = (lab: Lab, host: string): Promise<unknown> =>
    lab.host(host).run("pkill -KILL -f 'sshd: ops'")

  it.concurrent('after its host has answered: nobody commits, all are as before', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({ hosts: 3 })
    onTestFinished(() => lab.stop())
    const before = await firewalls(lab)
    await lab.host('node3').holdTool('iptables', '-I FORWARD')
    const running = fwRun(lab, ['apply'])
    await changing(lab, 'node2')
    await cutSession(lab, 'node2')
    await lab.host('node3').mendTools()
    const run = await running
    expect(run.stdout).toContain('rolled back because of node2; every host is as before.')
    expect(run.code).toBe(4)
    expect(await firewalls(lab)).toEqual(before)
    expect(run.stdout).toMatch(/-> Check that you can log in to that host by SSH, then run/)
    expect((await fwRun(lab, ['apply'])).code).toBe(0)
  })

  it.concurrent('while a command hangs there: it does not finish the change after the run has ended', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({ hosts: 2 })
    onTestFinished(() => lab.stop())
    for (const host of lab.hosts) {
      const members = lab.hosts
        .map(({ address }) => `ipset add cluster_nodes ${address}`)
        .join('; ')
      await host.run(`ipset create cluster_nodes iphash; ${members}`)
    }
    const before = await firewalls(lab)
    await lab.host('node2').holdTool('iptables', '-I FORWARD')
    const running = fwRun(lab, ['apply'])
    await changing(lab, 'node1')
    await cutSession(lab, 'node2')
    const run = await running
    expect(run.stdout).toContain('rolled back because of node2; every host is as before.')
    // What is still held would go on now.
    await lab.host('node2').mendTools()
    const held = async (): Promise<string> =>
      (await lab.host('node2').run("pgrep -f '[i]ptables .*-I FORWARD'")).stdout
    await eventually(async () => expect(await held()).toBe(''))
    expect(await firewalls(lab)).toEqual(before)
  })

  it.concurrent('before the change was sent: untouched, as before, exit code 4', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({ hosts: 2 })
    onTestFinished(() => lab.stop())
    const before = await firewalls(lab)
    await lab.file('mine.yaml', lab.inventoryYaml().replace('    fw_interface: ens18\n', ''))
    const { openTerminal } = await import('./terminal.ts')
    const terminal = await openTerminal(lab, ['apply', '--yes'])
    await terminal.shows(/Which interface receives traffic/)
    await cutSession(lab, 'node2')
    await terminal.type('Enter')
    const screen = await terminal.shows(/^exit code \d+/m)
    expect(screen).toContain('rolled back because of node2; every host is as before.')
    expect(screen).toContain('exit code 4')
    expect(await firewalls(lab)).toEqual(before)
  })
})

describe('a host that is not in order', () => {
  it.concurrent('where the lock cannot be taken is untouched: exit code 2, not a broken rollback', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({ hosts: 2 })
    onTestFinished(() => lab.stop())
    await lab.host('node2').run('umask 077; mkdir /run/fw-run; touch /run/fw-run/lock')
    const run = await fwRun(lab, ['apply'])
    expect(run.stdout).toContain('cannot make /run/fw-run')
    expect(run.stdout).toContain('rolled back because of node2; every host is as before.')
    expect(run.code).toBe(2)
    expect(await guards(lab, 'node1')).toEqual([])
  })

  it.concurrent('on which a dead run left its undo is rolled back by the next apply, though that has nothing to change', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({ hosts: 2 })
    onTestFinished(() => lab.stop())
    await fwRun(lab, ['apply'])
    await lab.host('node1').run(
      `umask 077; mkdir -p /run/fw-run/lock
       printf 'rules\\nset\\tcluster_nodes\\tpresent\\thash:ip family inet\\t192.168.64.99\\n' >/run/fw-run/lock/armed.r1
       : >/run/fw-run/lock/lease
       ln -s 'pid 4194999 started 1 session 4194999 run r1 by ann' /run/fw-run/lock/owner`,
    )
    const run = await fwRun(lab, ['apply'])
    expect(run.stdout).toMatch(/node1: run r1: this host rolled the change back at/)
    expect(run.code).toBe(0)
    expect((await lab.host('node1').run('ls -A /run/fw-run')).stdout).toBe('')
    expect((await fwRun(lab, ['status'])).code).toBe(0)
  })

  it.concurrent('whose old set cannot be cleared away says so, in that run and in later ones', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({ hosts: 1 })
    onTestFinished(() => lab.stop())
    await fwRun(lab, ['apply'])
    await lab.host('node1').breakTool('ipset', { whenArgs: '^destroy', message: 'ipset: busy' })
    const run = await fwRun(lab, ['remove'])
    expect(run.stdout).toMatch(/the change is done\. But not everything worked: .*ipset: busy/)
    await lab.host('node1').mendTools()
    expect((await fwRun(lab, ['status'])).stdout).toContain('ipset destroy fw-run-aside')
  })

  it.concurrent('with counters in its set is changed and removed under traffic', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({ hosts: 1 })
    onTestFinished(() => lab.stop())
    await lab.host('node1').run(
      `ipset create cluster_nodes hash:ip counters; ipset add cluster_nodes 192.168.64.11
       iptables -I FORWARD 12 -i ens18 -m set ! --match-set cluster_nodes src -j REJECT
       ipset create busy hash:ip; ipset add cluster_nodes 192.168.67.200`,
    )
    const flood = lab.outsider.run(`ping -i 0.01 -c 300 -q ${lab.pod(1).address}`)
    const run = await fwRun(lab, ['remove'])
    await flood
    expect(run.stdout).toContain('remove: done, 1 of 1 host changed.')
  })

  it.concurrent('whose interface was renamed is not called protected', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({ hosts: 2 })
    onTestFinished(() => lab.stop())
    await fwRun(lab, ['apply'])
    await lab
      .host('node2')
      .run(
        'ip link set ens18 down; ip link set ens18 name ens99; ip link set ens99 up; ip route add default via 192.168.64.1 2>/dev/null; :',
      )
    const run = await fwRun(lab, ['status'])
    expect(run.code).toBe(2)
    expect(run.stdout).toMatch(/node2 : check-fails/)
    expect(run.stdout).toMatch(/node1 : protected/)
    expect(run.stdout).toContain('no interface ens18')
  })

  it.concurrent('that is down does not hide the drift of another', async ({ onTestFinished }) => {
    const lab = await startLab({ hosts: 2 })
    onTestFinished(() => lab.stop())
    await fwRun(lab, ['apply'])
    await lab.host('node1').run('iptables -D FORWARD 12')
    await lab.host('node2').linkDown()
    const run = await fwRun(lab, ['status', '--timeout', '8'])
    expect(run.code).toBe(4)
    expect(run.stdout).toMatch(
      /UNPROTECTED: apply would do this, but first fix the checks that fail\n {2}1 host: node1\n {4}insert rule 12/,
    )
    expect(run.stdout).toMatch(
      /Not as the inventory says: node1\. Fix node2 first, then run `fw-run apply`\.\n$/,
    )
  })

  it.concurrent('with a rule of an administrator on our set keeps that rule, and the set', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({ hosts: 1 })
    onTestFinished(() => lab.stop())
    await fwRun(lab, ['apply'])
    const own =
      '-A FORWARD -i docker0 -p tcp -m tcp --dport 22 -m set ! --match-set cluster_nodes src -j DROP'
    await lab.host('node1').run(`iptables ${own}`)
    expect((await fwRun(lab, ['status'])).code).toBe(0)
    const run = await fwRun(lab, ['remove'])
    expect(run.code).toBe(0)
    expect(run.stdout).toContain(
      'set cluster_nodes is kept, because other rules or sets still use it',
    )
    expect((await lab.host('node1').run('iptables -S FORWARD')).stdout).toContain(`${own}\n`)
  })

  it.concurrent('that has a rule of fw-run under an older fw_set gets a warning', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({ hosts: 1 })
    onTestFinished(() => lab.stop())
    await fwRun(lab, ['apply'])
    const run = await fwRun(lab, ['apply', '-e', 'fw_set=renamed'])
    expect(run.stdout).toMatch(
      /warn .*another set is active: node1[\s\S]*fw-run remove -e fw_set=cluster_nodes/,
    )
  })

  it.concurrent('cannot keep the program alive through an open pipe of passwords', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({ hosts: 1, each: { login: 'sudo-password' } })
    onTestFinished(() => lab.stop())
    const { executable } = await import('./fw-run.ts')
    await lab.file('inventory.yaml', lab.inventoryYaml())
    const run = await lab.jump.run(
      `mkfifo passwords; (echo ops-password; exec sleep 1000) >passwords &
       node ${executable} status -K -i inventory.yaml <passwords; echo "ended with $?"; kill $!`,
    )
    expect(run.stdout).toContain('ended with 3')
  })
})
