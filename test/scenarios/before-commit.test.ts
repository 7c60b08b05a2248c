import { describe, expect, it, type TestContext } from 'vitest'
import { eventually } from '../eventually.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { articleGuard, executable, firewalls, fwRun, guards } from './fw-run.ts'
import { openTerminal } from './terminal.ts'

const probing = (...probes: readonly object[]): readonly string[] => [
  '-e',
  JSON.stringify({ fw_probes: probes }),
]

describe('a probe', () => {
  /** What asks from the jump host for a web page of the pod behind node1, along a route that the jump host has. */
  const podProbe = async (lab: Lab): Promise<object> => {
    await lab.jump.run(`ip route add 10.42.1.0/24 via ${lab.host('node1').address}`)
    return { http: `http://${lab.pod(1).address}:8080/` }
  }

  it.concurrent('that the rule of fw-run itself cuts off rolls everything back, and says so', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({ hosts: 3 })
    onTestFinished(() => lab.stop())
    const before = await firewalls(lab)
    const probe = await podProbe(lab)
    const run = await fwRun(lab, ['apply', ...probing(probe)])
    expect(run.stdout.trimEnd().split('\n').at(-1)).toBe(
      'apply: rolled back because probe http http://10.42.1.10:8080/ failed after the change (it had passed before): connection refused; every host is as before.',
    )
    expect(run.code).toBe(2)
    expect(await firewalls(lab)).toEqual(before)
  })

  it.concurrent('passes where the jump host is a member of the set, and is reported', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({ hosts: 2 })
    onTestFinished(() => lab.stop())
    const probe = await podProbe(lab)
    const allowed = ['-e', 'fw_extra_members=192.168.64.1']
    const run = await fwRun(lab, ['apply', '-v', ...probing(probe), ...allowed])
    expect(run.stdout).toContain('ok    http http://10.42.1.10:8080/: passed before and after\n')
    expect(run.code).toBe(0)
    const again = await fwRun(lab, ['apply', ...probing(probe), ...allowed])
    expect(again.stdout).toContain('PROBES\nok    1 probe passed before\n')
    expect(again.code).toBe(0)
  })

  it.concurrent('that fails before the change stops apply and apply --check, and is reported by preflight', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({ hosts: 2 })
    onTestFinished(() => lab.stop())
    const before = await firewalls(lab)
    const probes = probing({ command: 'echo no such thing >&2; exit 7' })
    for (const words of [['apply'], ['apply', '--check']]) {
      const run = await fwRun(lab, [...words, ...probes])
      expect([words, run.stdout.trimEnd().split('\n').at(-1)]).toEqual([
        words,
        `${words[0]}: refused, nothing was changed. Probe command echo no such thing >&2; exit 7 already fails before any change: exit code 7: no such thing.`,
      ])
      expect(run.code).toBe(2)
    }
    const audit = await fwRun(lab, ['preflight', ...probes])
    expect(audit.stdout).toContain('preflight: a probe fails. Probe command')
    expect(audit.stdout).toContain('defined at -e fw_probes')
    expect(audit.code).toBe(2)
    expect(await firewalls(lab)).toEqual(before)
  })

  it.concurrent('that fails before the change does not stop remove: the rule may be the cause', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({ hosts: 2 })
    onTestFinished(() => lab.stop())
    await fwRun(lab, ['apply'])
    const probe = await podProbe(lab)
    const stuck = await fwRun(lab, ['apply', ...probing(probe)])
    expect(stuck.stdout).toContain('--from IP --to IP` shows that. To let this probe reach pods')
    const [, without = ''] = /without probes: -e '([^']+)'$/m.exec(stuck.stdout) ?? []
    const unprobed = await fwRun(lab, ['apply', ...probing(probe), '-e', without])
    expect([unprobed.code, unprobed.stdout]).toEqual([0, expect.stringContaining('nothing to do')])
    const run = await fwRun(lab, ['remove', ...probing(probe)])
    expect(run.stdout).toContain('PROBES\nwarn  http http://10.42.1.10:8080/\n')
    expect(run.stdout).toContain('remove: done, 2 of 2 hosts changed.')
    expect(run.code).toBe(0)
  })

  it.concurrent('by a command sees the change, prints nothing to stdout, and stands in the JSON document', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({ hosts: 2 })
    onTestFinished(() => lab.stop())
    const before = await firewalls(lab)
    await lab.jump.run('echo 0 >calls')
    const command = 'echo noise; n=$(cat calls); echo $((n + 1)) >calls; test "$n" -lt 1'
    const run = await fwRun(lab, ['apply', '--output', 'json', ...probing({ command })])
    expect(JSON.parse(run.stdout)).toMatchObject({
      exitCode: 2,
      outcome: 'rolled-back',
      probes: [
        {
          probe: `command ${command}`,
          before: { result: 'pass' },
          after: { result: 'fail', reason: 'exit code 1: noise' },
        },
      ],
      objections: [{ kind: 'probe' }],
    })
    expect((await lab.jump.run('cat calls')).stdout).toBe('4\n')
    expect(await firewalls(lab)).toEqual(before)
  })

  it.concurrent('that hangs is ended by Ctrl-C', async ({ onTestFinished }) => {
    const lab = await startLab({ hosts: 1 })
    onTestFinished(() => lab.stop())
    const before = await firewalls(lab)
    const hanging = probing({ command: 'sleep 1000' })
    const terminal = await openTerminal(lab, ['apply', '--timeout', '3000', ...hanging])
    await terminal.shows(/Try probes: 0 of 1/)
    await terminal.type('C-c')
    const screen = await terminal.shows(/^exit code \d+/m)
    expect(screen).toContain('apply: interrupted; every host is as before.')
    expect(screen).toContain('exit code 130')
    expect(await firewalls(lab)).toEqual(before)
  })
})

describe('a host that accepts no new connection', () => {
  it.concurrent('rolls everything back, though its session goes on', async ({ onTestFinished }) => {
    const lab = await startLab({ hosts: 3 })
    onTestFinished(() => lab.stop())
    const before = await firewalls(lab)
    await lab.host('node2').holdTool('iptables', '-I FORWARD')
    const running = fwRun(lab, ['apply'])
    await eventually(async () => expect(await guards(lab, 'node1')).toHaveLength(1))
    await lab.host('node3').run('kill -KILL $(cat /run/sshd.pid)')
    await lab.host('node2').mendTools()
    const run = await running
    expect(run.stdout).toContain(
      'apply: rolled back because node3 does not answer a new connection: 192.168.64.13 port 22 refused the connection; every host is as before.',
    )
    expect(run.stdout).toMatch(/node3 : .*failed=1 .*rolledback=2/)
    expect(run.code).toBe(2)
    expect(await firewalls(lab)).toEqual(before)
  })
})

describe('--confirm', () => {
  const applyAndAsk = async (seconds: string, onTestFinished: TestContext['onTestFinished']) => {
    const lab = await startLab({ hosts: 2 })
    onTestFinished(() => lab.stop())
    const before = await firewalls(lab)
    const terminal = await openTerminal(lab, ['apply', '--confirm', seconds])
    const question = await terminal.shows(/Keep the change\?/)
    expect(question).toMatch(
      /CHECKS\nwarn [\s\S]*\nCHANGED\n {2}2 hosts: .*\n {4}create set[\s\S]*insert rule 12 of/,
    )
    expect(question).toMatch(
      /All 2 hosts are changed and verified\.\n.*Keep the change\? \(y\/N; no answer in \d+ s: roll back\)/,
    )
    expect(question).toContain('`fw-run preflight -i inventory.yaml -e fw_guard=nft`')
    expect(await guards(lab, 'node1')).toEqual([articleGuard])
    return { lab, before, terminal }
  }

  it.concurrent('names outbound access that a LAN has lost with its gateway', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({ hosts: 2 })
    onTestFinished(() => lab.stop())
    await lab.host('node2').run(
      `ip link add wan0 type dummy && ip link set wan0 up && ip addr add 198.51.100.2/24 dev wan0
       ip route replace default via 198.51.100.1 dev wan0
       iptables -A FORWARD -i ens18 -o wan0 -j ACCEPT`,
    )
    const terminal = await openTerminal(lab, ['apply', '--confirm', '3000'])
    const question = (await terminal.shows(/Keep the change\?/)).replace(/\s+/g, ' ')
    expect(question).toContain(
      'warn outsiders lose outbound access: node2 the rule of fw-run stops all packets of outsiders through this host and out by wan0 -> To keep that access, run `iptables -I FORWARD 12 -i ens18 -o wan0 -j ACCEPT`',
    )
    await terminal.type('n', 'Enter')
    await terminal.shows(/^exit code 130/m)
  })

  it.concurrent('keeps the change on yes', async ({ onTestFinished }) => {
    const { lab, terminal } = await applyAndAsk('3000', onTestFinished)
    await terminal.type('x', 'Enter')
    await terminal.shows(/Please answer y or n\./)
    await terminal.type('y', 'Enter')
    const screen = await terminal.shows(/^exit code \d+/m)
    expect(screen).toContain('apply: done, 2 of 2 hosts changed.')
    expect(screen.match(/^CHANGED$/gm)).toHaveLength(1)
    expect(screen).toContain('exit code 0')
    expect(await guards(lab, 'node1')).toEqual([articleGuard])
  })

  it.concurrent.for<readonly [string, string, readonly string[]]>([
    ['no', '3000', ['n', 'Enter']],
    ['Ctrl-C', '3000', ['C-c']],
    ['Ctrl-D', '3000', ['C-d']],
    ['silence', '15', []],
  ])('rolls the change back on %s', async ([_, seconds, keys], { onTestFinished }) => {
    const { lab, before, terminal } = await applyAndAsk(seconds, onTestFinished)
    if (keys.length > 0) await terminal.type(...keys)
    const screen = await terminal.shows(/^exit code \d+/m)
    expect(screen).toContain('apply: you did not say yes, so fw-run rolled the change back;')
    expect(screen).toContain('exit code 130')
    expect(await firewalls(lab)).toEqual(before)
  })

  it.concurrent('does not commit a change that somebody has removed by hand meanwhile', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({ hosts: 2 })
    onTestFinished(() => lab.stop())
    const before = await firewalls(lab)
    const terminal = await openTerminal(lab, ['apply', '--confirm', '3000', '--lease', '15'])
    await terminal.shows(/no answer in 29([0-8]\d|9[0-6]) s/)
    await lab.host('node1').run('iptables -D FORWARD 12')
    await terminal.type('y', 'Enter')
    const screen = await terminal.shows(/^exit code \d+/m)
    expect(screen).toMatch(
      /node1 after apply, before the commit:\n +the rule of fw-run is not as planned/,
    )
    expect(screen).toContain('exit code 2')
    expect(await firewalls(lab)).toEqual(before)
  })

  it.concurrent('holds the change while it asks, though the lease is shorter', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({ hosts: 2 })
    onTestFinished(() => lab.stop())
    const terminal = await openTerminal(lab, ['apply', '--confirm', '3000', '--lease', '15'])
    await terminal.shows(/no answer in 29[0-7]\d s/)
    expect(await guards(lab, 'node1')).toEqual([articleGuard])
    await terminal.type('y', 'Enter')
    expect(await terminal.shows(/^exit code \d+/m)).toContain('apply: done, 2 of 2 hosts changed.')
  })

  it.concurrent('rolls the change back when the terminal is closed', async ({ onTestFinished }) => {
    const { lab, before, terminal } = await applyAndAsk('3000', onTestFinished)
    await terminal.close()
    await eventually(async () => expect(await firewalls(lab)).toEqual(before))
    await eventually(async () =>
      expect((await lab.jump.run('pgrep -f "bin/fw-ru[n]"')).stdout).toBe(''),
    )
  })

  it.concurrent('rolls the change back when a session is lost meanwhile, and closes the question', async ({
    onTestFinished,
  }) => {
    const { lab, before, terminal } = await applyAndAsk('3000', onTestFinished)
    await lab.host('node2').run("pkill -KILL -f 'sshd: ops'")
    const screen = await terminal.shows(/^exit code \d+/m)
    expect(screen).toContain('rolled back because of node2; every host is as before.')
    expect(screen).toContain('exit code 4')
    expect(await firewalls(lab)).toEqual(before)
  })

  it.concurrent('without a terminal is bad usage, before any connection', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({ hosts: 1 })
    onTestFinished(() => lab.stop())
    const run = await fwRun(lab, ['apply', '--confirm'])
    expect(run.code).toBe(5)
    expect(run.stderr).toContain(
      '--confirm needs a terminal: stdin and stderr must both be a terminal. fw-run connected to no host.',
    )
    expect(await lab.host('node1').sshConnections()).toBe(0)
    const line = `node ${executable} apply --check --confirm -i inventory.yaml`
    expect((await lab.jump.run(line)).code).toBe(3)
  })
})
