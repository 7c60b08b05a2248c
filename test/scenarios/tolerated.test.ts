import { describe, expect, it } from 'vitest'
import { startLab } from '../lab/lab.ts'
import { articleGuard, firewalls, fwRun, guards } from './fw-run.ts'

const quickly = ['--timeout', '8'] as const

describe('--tolerate-unreachable', () => {
  it.concurrent('leaves out hosts that are down, by name, and keeps them in the set', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({ hosts: 4 })
    onTestFinished(() => lab.stop())
    const [, , third, fourth] = lab.hosts
    await third?.linkDown()
    await fourth?.linkDown()
    const untouched = await firewalls(lab)

    const refused = await fwRun(lab, ['apply', ...quickly])
    expect(refused.stdout).toMatch(
      /apply: refused, nothing was changed\. Not ready: node3, node4\. To go on without node3, node4, add `--tolerate-unreachable 2` to the command\.\n$/,
    )
    expect(refused.code).toBe(4)
    const few = await fwRun(lab, ['apply', ...quickly, '--tolerate-unreachable', '1'])
    expect(few.stdout).toContain(
      'To go on without node3, node4, add `--tolerate-unreachable 2` to the command.',
    )
    expect(few.code).toBe(4)
    expect(await firewalls(lab)).toEqual(untouched)

    const enough = ['--tolerate-unreachable', '50%', ...quickly]
    const checked = await fwRun(lab, ['apply', '--check', ...enough])
    expect(checked.stdout).toContain('apply would change 2 hosts, and leave out node3, node4.')
    expect(checked.code).toBe(3)
    const run = await fwRun(lab, ['apply', ...enough])
    expect(run.stdout).toMatch(/node3 : .*failed=0 +unreachable=1/)
    expect(run.stdout).toContain('--tolerate-unreachable left out node[3:4].\n')
    expect(run.stdout).toMatch(
      /apply: done, 2 of 4 hosts changed\. node3, node4 were left out\. Run `fw-run apply` again when they are up\.\n$/,
    )
    expect(run.code).toBe(3)
    expect(await guards(lab, 'node1')).toEqual([articleGuard])
    const set = await lab.host('node1').run('ipset list cluster_nodes')
    for (const { address } of lab.hosts) expect(set.stdout).toContain(`${address}\n`)

    const [, id = ''] =
      /^(\S+) .*changed 2 of 4; left out node3, node4$/m.exec(
        (await fwRun(lab, ['runs'])).stdout,
      ) ?? []
    expect((await fwRun(lab, ['runs', id])).stdout).toMatch(
      /node4 : left out: fw-run could not log in to it\n/,
    )
    const status = await fwRun(lab, ['status', ...quickly])
    expect(status.stdout).toMatch(/node3 : unreachable\n/)
    expect(status.code).toBe(4)

    const again = await fwRun(lab, ['apply', ...enough, '--output', 'json'])
    expect(again.json()).toMatchObject({
      outcome: 'done',
      exitCode: 3,
      hosts: [{ state: 'ok' }, { state: 'ok' }, { state: 'left-out' }, { state: 'left-out' }],
    })
    await third?.linkUp()
    await fourth?.linkUp()
    const mended = await fwRun(lab, ['apply', ...enough])
    expect(mended.stdout).toContain('apply: done, 2 of 4 hosts changed.\n')
    expect(mended.code).toBe(0)
    await third?.linkDown()
    const removed = await fwRun(lab, ['remove', ...enough])
    expect(removed.stdout).toContain('remove: done, 3 of 4 hosts changed. node3 was left out.')
    expect(removed.code).toBe(3)
  })

  it.concurrent('never leaves out a host that refuses the login or the connection, or fails a check', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({ hosts: 3 })
    onTestFinished(() => lab.stop())
    const tolerant = ['apply', '--tolerate-unreachable', '2'] as const
    await lab.host('node2').run('rm /root/.ssh/authorized_keys /home/*/.ssh/authorized_keys')
    const login = await fwRun(lab, tolerant)
    expect(login.stdout).toMatch(
      /Not ready: node2\. To go on without node2, add `--limit '!node2'` to the command\.\n$/,
    )
    expect(login.code).toBe(4)
    await lab.host('node2').killSshd()
    const refused = await fwRun(lab, tolerant)
    expect(refused.stdout).toContain('refused the connection')
    expect(refused.stderr).toContain(
      '--tolerate-unreachable leaves out only hosts that do not answer at all. fw-run does not leave out node2: it may be up',
    )
    expect(refused.stdout).toContain('apply: refused, nothing was changed. Not ready: node2.')
    expect(refused.code).toBe(4)
    await lab.host('node3').removeTool('ipset')
    const both = await fwRun(lab, [...tolerant, '--limit', '!node2'])
    expect(both.stdout).toContain('apply: refused, nothing was changed. Not ready: node3.')
    expect(both.code).toBe(2)
    const only = await fwRun(lab, [...tolerant, '--limit', 'node2'])
    expect(only.stdout).not.toContain('--tolerate-unreachable')
    expect(await guards(lab, 'node1')).toEqual([])
  })

  it.concurrent('never leaves out a host that rejects the port by ICMP, only one that is down', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({ hosts: 3 })
    onTestFinished(() => lab.stop())
    const tolerant = ['apply', '--tolerate-unreachable', '2', ...quickly] as const
    await lab
      .host('node2')
      .run('iptables -A INPUT -p tcp --dport 22 -j REJECT --reject-with icmp-host-prohibited')
    const untouched = await firewalls(lab)
    await lab.host('node3').linkDown()
    for (const transport of ['ssh2', 'openssh']) {
      const run = await fwRun(lab, [...tolerant, '--transport', transport])
      expect(run.stdout).toContain(
        'port 22 answers ARP, so the host is up. But it rejects the connection by ICMP.',
      )
      expect(run.stderr).toContain(
        '--tolerate-unreachable leaves out only hosts that do not answer at all. fw-run does not leave out node2: ',
      )
      expect(run.stdout).toContain('--tolerate-unreachable left out node3.\n')
      expect(run.stdout).toContain('apply: refused, nothing was changed. Not ready: node2.')
      expect(run.code).toBe(4)
    }
    await lab.host('node3').linkUp()
    expect(await firewalls(lab)).toEqual(untouched)
  })

  it.concurrent('does not leave out all hosts, nor one that is lost after the plan', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({ hosts: 2 })
    onTestFinished(() => lab.stop())
    const untouched = await firewalls(lab)
    const tolerant = ['--tolerate-unreachable', '100%'] as const
    await lab.host('node2').holdTool('iptables', '-I FORWARD')
    const running = fwRun(lab, ['apply', ...tolerant])
    await expect.poll(() => guards(lab, 'node1')).toHaveLength(1)
    await lab.host('node2').run("pkill -KILL -f 'sshd: ops'")
    await lab.host('node2').mendTools()
    const run = await running
    expect(run.stdout).toContain('apply: rolled back because of node2')
    expect(run.code).toBe(4)
    await expect.poll(() => firewalls(lab)).toEqual(untouched)
    for (const host of lab.hosts) await host.linkDown()
    const down = await fwRun(lab, ['apply', ...tolerant, ...quickly])
    expect(down.stdout).toContain('apply: refused, nothing was changed. Not ready: node1, node2.\n')
    expect(down.code).toBe(4)
  })
})
