import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../eventually.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { rounds } from '../rounds.ts'
import { articleGuard, executable, firewalls, fwRun, guards } from './fw-run.ts'
import { openTerminal } from './terminal.ts'

const count = rounds(6, 40)
/** How many hosts each wave of `--serial 1,25%,100%` has. */
const sizes = count === 40 ? [1, 10, 29] : [1, 1, 4]

/** A probe that passes so often, and then does something else. */
const counting = (often: number, then: string): readonly string[] => {
  const command = `n=$(cat calls 2>/dev/null || echo 0); echo $((n + 1)) >calls; test "$n" -lt ${often} || { ${then}; }`
  return ['-e', JSON.stringify({ fw_probes: [{ command }] })]
}

/** How many rules of ours each host has, in the order of the hosts. */
const guardCounts = (lab: Lab): Promise<readonly number[]> =>
  Promise.all(lab.hosts.map(async ({ name }) => (await guards(lab, name)).length))

describe(`${count} hosts in waves`, () => {
  const serial = ['--serial', '1,25%,100%'] as const
  let lab: Lab
  let before: readonly string[]
  beforeAll(async () => {
    lab = await startLab({ hosts: count, each: { login: 'sudo' } })
    before = await firewalls(lab)
  })
  afterAll(() => lab.stop())

  it('are as before after a probe that fails in the second wave', async () => {
    await lab.jump.run('rm -f calls')
    const words = ['apply', '--lease', '600', ...serial, ...counting(2, 'echo no; exit 1')]
    const run = await fwRun(lab, words)
    expect(run.stderr).toMatch(
      /Wave 1 of 3: node1\nApply and verify: 1 of 1 hosts\n[\s\S]*Wave 2 of 3: node2/,
    )
    expect(run.stderr).not.toContain('Wave 3')
    expect(run.stdout).toMatch(
      /apply: rolled back in wave 2 of 3 because probe command .* failed after the change \(it had passed before\): exit code 1: no; every host is as before\.\n$/,
    )
    expect(run.stdout).toMatch(/node1 .*rolledback=2 +wave=1\n/)
    expect(run.code).toBe(2)
    expect(await firewalls(lab)).toEqual(before)
  })

  it.each([1, 2, 3])(
    'are as before after the runner was killed in wave %i, and recover says so',
    async (wave) => {
      await lab.jump.run('rm -f calls asked')
      const inventory = await lab.file('inventory.yaml', lab.inventoryYaml())
      const stuck = counting(wave, 'touch asked; sleep 3000')
      const words = ['apply', '--lease', '60', '--timeout', '3000', ...serial, ...stuck]
      const argv = ['node', executable, ...words, '-i', inventory]
      const runner = lab.jump.spawn(argv, { stdio: 'ignore' })
      await eventually(async () => expect((await lab.jump.run('test -e asked')).code).toBe(0))
      const begun = sizes.slice(0, wave).reduce((sum, size) => sum + size, 0)
      expect(await guardCounts(lab)).toEqual(lab.hosts.map((_, at) => (at < begun ? 1 : 0)))
      runner.kill('SIGKILL')
      await eventually(async () => expect(await firewalls(lab)).toEqual(before))

      const recover = await fwRun(lab, ['recover', '--output', 'json'])
      expect(recover.code).toBe(0)
      const told = JSON.parse(recover.stdout)
      expect(told).toMatchObject({ outcome: 'finished', runs: [{ decided: false }] })
      expect(
        told.runs[0].hosts.map(({ host, state }: Record<string, string>) => [host, state]),
      ).toEqual(lab.hosts.slice(0, begun).map(({ name }) => [name, 'as-before']))
      expect(await firewalls(lab)).toEqual(before)
    },
  )

  it('are all changed where nothing speaks against it, and removed in waves as well', async () => {
    const check = await fwRun(lab, ['apply', '--check', ...serial])
    expect(check.stdout).toMatch(/WAVES\n {2}1: node1\n {2}2: node.*\n {2}3: node.*\n/)
    expect(check.stdout).toContain(`apply would change ${count} hosts in 3 waves.`)
    expect(check.stderr).not.toContain('no effect')
    for (const command of ['apply', 'remove'] as const) {
      const one = await fwRun(lab, [command, '--check', '--serial', '100%', '--pause', '60'])
      const warned = /--serial and --pause have no effect/.test(one.stderr.replace(/\s+/g, ' '))
      // There is nothing to remove yet.
      expect([command, warned]).toEqual([command, command === 'apply'])
    }
    const run = await fwRun(lab, ['apply', '--lease', '600', ...serial])
    expect(run.stdout).toContain(`apply: done, ${count} of ${count} hosts changed in 3 waves.`)
    expect(run.code).toBe(0)
    expect(await guards(lab, `node${count}`)).toEqual([articleGuard])
    const removed = await fwRun(lab, ['remove', '--lease', '600', ...serial, '--output', 'json'])
    expect(removed.json()).toMatchObject({ outcome: 'done', reached: 3 })
    expect(JSON.parse(removed.stdout).waves.map(({ length }: string[]) => length)).toEqual(sizes)
    expect(await firewalls(lab)).toEqual(before)
  })
})

describe('a wave', () => {
  const startAndStop = async (
    hosts: number,
    onTestFinished: (end: () => Promise<void>) => void,
  ): Promise<{ readonly lab: Lab; readonly before: readonly string[] }> => {
    const lab = await startLab({ hosts })
    onTestFinished(() => lab.stop())
    return { lab, before: await firewalls(lab) }
  }

  it.concurrent('of hosts that are to go first comes before the others, which change their guard after it', async ({
    onTestFinished,
  }) => {
    const { lab } = await startAndStop(3, onTestFinished)
    expect((await fwRun(lab, ['apply', '--limit', 'node1'])).code).toBe(0)
    const first = ['--serial-first', 'node*:!node1:!node2', '--serial', '1'] as const
    const check = await fwRun(lab, ['apply', '--check', ...first])
    expect(check.stdout).toContain('WAVES\n  1: node3\n  2: node2\n\n')
    const run = await fwRun(lab, ['apply', ...first])
    // node1 has nothing to change, and is held from the first wave on.
    expect(run.stderr).toMatch(
      /Wave 1 of 2: node3\nApply and verify: 2 of 2 hosts\n[\s\S]*Wave 2 of 2: node2\n/,
    )
    expect(run.stdout).toContain('apply: done, 2 of 3 hosts changed in 2 waves.')
    expect(run.stdout).toMatch(/node1 .*wave=-\nnode2 .*wave=2\nnode3 .*wave=1\n/)
    const mangle = ['-e', 'fw_guard=mangle', '-e', 'fw_service_cidrs=10.43.0.0/16'] as const
    await lab.jump.run('rm -f calls')
    const broken = await fwRun(lab, ['apply', ...first, ...mangle, ...counting(3, 'exit 1')])
    expect(broken.stdout).toContain('apply: rolled back in wave 3 of 3 because probe')
    expect(await guardCounts(lab)).toEqual([1, 1, 1])
    const moved = await fwRun(lab, ['apply', ...first, ...mangle])
    expect(moved.stdout).toContain('apply: done, 3 of 3 hosts changed in 3 waves.')
    expect(await guardCounts(lab)).toEqual([0, 0, 0])
    expect((await fwRun(lab, ['status', ...mangle])).code).toBe(0)
  })

  it.concurrent('is held for longer than the lease of a pause, and so are the hosts that wait', async ({
    onTestFinished,
  }) => {
    const { lab } = await startAndStop(2, onTestFinished)
    const words = ['apply', '--lease', '5', '--serial', '1', '--pause', '13', '--output', 'ndjson']
    const run = await fwRun(lab, words)
    expect(run.stderr).toMatch(/Wait after this wave: 13 s left; Ctrl-C rolls back all waves\n/)
    const events = run.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const told = events.filter(({ kind }) => kind === 'wave-started' || kind === 'phase-started')
    expect(told.map(({ wave, phase }) => wave ?? phase)).toEqual([
      ...['connect', 'preflight', 1, 'apply', 'prove', 'hold', 'prove'],
      ...[2, 'preflight', 'apply', 'prove', 'commit'],
    ])
    expect(events.at(-1)).toMatchObject({ kind: 'run-ended', result: { outcome: 'done' } })
  })

  it.concurrent('is rolled back if a host of it is lost in the pause', async ({
    onTestFinished,
  }) => {
    const { lab, before } = await startAndStop(2, onTestFinished)
    const ended = fwRun(lab, ['apply', '--serial', '1', '--pause', '3000'])
    await expect.poll(() => guardCounts(lab)).toEqual([1, 0])
    await lab.host('node1').run("pkill -KILL -f 'sshd: ops'")
    const run = await ended
    expect(run.stdout).toContain('apply: rolled back in wave 1 of 2 because of node1; every host')
    expect(run.code).toBe(4)
    expect(await firewalls(lab)).toEqual(before)
  })

  it.concurrent('is rolled back if a host of the next one cannot be changed any more after the pause', async ({
    onTestFinished,
  }) => {
    const { lab, before } = await startAndStop(2, onTestFinished)
    const ended = fwRun(lab, ['apply', '--serial', '1', '--pause', '8'])
    await expect.poll(() => guardCounts(lab)).toEqual([1, 0])
    await lab.host('node2').removeTool('ipset')
    const run = await ended
    expect(run.stdout).toMatch(/node2 at apply:\n +fw-run read the host again, and now it is not/)
    expect(run.stdout).toContain('apply: rolled back in wave 2 of 2 because of node2; every host')
    expect(run.code).toBe(2)
    await lab.host('node2').mendTools()
    expect(await firewalls(lab)).toEqual(before)
  })

  it.concurrent('is rolled back if somebody takes its rule out in the pause, before anybody is asked', async ({
    onTestFinished,
  }) => {
    const { lab, before } = await startAndStop(2, onTestFinished)
    const words = ['apply', '--serial', '1', '--pause', '8', '--confirm', '3000', '--lease', '5']
    const terminal = await openTerminal(lab, words)
    await expect.poll(() => guardCounts(lab)).toEqual([1, 0])
    await lab.host('node1').run('iptables -D FORWARD 12')
    const screen = await terminal.shows(/^exit code \d+/m)
    expect(screen).toContain('apply: rolled back in wave 1 of 2 because of node1; every host')
    expect(screen).not.toContain('Go on with wave 2')
    expect(screen).toContain('exit code 2')
    expect(await firewalls(lab)).toEqual(before)
  })

  it.concurrent('is rolled back on Ctrl-C in the pause', async ({ onTestFinished }) => {
    const { lab, before } = await startAndStop(2, onTestFinished)
    const terminal = await openTerminal(lab, ['apply', '--serial', '1', '--pause', '3000'])
    await terminal.shows(/Wait after this wave/)
    await terminal.type('C-c')
    const screen = await terminal.shows(/^exit code \d+/m)
    expect(screen).toContain('apply: interrupted in wave 1 of 2; every host is as before.')
    expect(screen).toContain('exit code 130')
    expect(await firewalls(lab)).toEqual(before)
  })

  it.concurrent('is asked about, and a no after the last one rolls back all', async ({
    onTestFinished,
  }) => {
    const { lab, before } = await startAndStop(3, onTestFinished)
    const words = ['apply', '--serial', '1,100%', '--confirm', '3000']
    const terminal = await openTerminal(lab, words)
    const first = await terminal.shows(
      /Go on with wave 2 \(2 hosts\)\? \(y\/N; no answer in \d+ s: roll back all\)/,
    )
    expect(first).toContain('Wave 1 of 2: node1 is changed and verified.')
    expect(await guardCounts(lab)).toEqual([1, 0, 0])
    await terminal.type('y', 'Enter')
    await terminal.shows(/All 3 hosts are changed and verified\.[\s\S]*Keep the change\?/)
    expect(await guardCounts(lab)).toEqual([1, 1, 1])
    await terminal.type('n', 'Enter')
    const screen = await terminal.shows(/^exit code \d+/m)
    expect(screen).toContain(
      'apply: you did not say yes in wave 2 of 2, so fw-run rolled the change back;',
    )
    expect(screen).toContain('exit code 130')
    expect(await firewalls(lab)).toEqual(before)
  })

  it.concurrent('of hosts that nobody knows, or that the run is not about, is refused before any connection', async ({
    onTestFinished,
  }) => {
    const { lab } = await startAndStop(2, onTestFinished)
    for (const [words, message] of [
      [['--serial-first', 'node9'], 'The pattern of --serial-first "node9" matches no host.'],
      [
        ['--serial-first', 'node2', '--limit', 'node1'],
        'The pattern of --serial-first "node2" matches only hosts that --limit excludes.',
      ],
      [['--serial', '0'], 'Give sizes of waves'],
    ] as const) {
      const run = await fwRun(lab, ['apply', ...words])
      expect(run.stderr).toContain(message)
      expect(run.code).toBe(5)
    }
    await lab.host('node2').linkDown()
    expect(await lab.host('node1').sshConnections()).toBe(0)
    const words = ['--serial-first', 'node2', '--tolerate-unreachable', '1', '--timeout', '8']
    const run = await fwRun(lab, ['apply', ...words])
    expect(run.stdout).toContain('apply: refused, nothing was changed. Not ready: node2.')
    expect(run.code).toBe(4)
  })
})
