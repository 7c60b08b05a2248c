import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Lab, startLab } from '../lab/lab.ts'
import { articleGuard, firewalls, fwRun, guards } from './fw-run.ts'
import { openTerminal } from './terminal.ts'

describe('an apply that does not come to its end', () => {
  let lab: Lab
  let before: readonly string[]
  beforeEach(async () => {
    lab = await startLab({ hosts: 3 })
    before = await firewalls(lab)
  })
  afterEach(() => lab.stop())

  it('Ctrl-C while hosts are being changed rolls everything back and ends with 130', async () => {
    await lab.host('node2').holdTool('iptables', '-I FORWARD')
    const terminal = await openTerminal(lab, ['apply'])
    await terminal.shows(/Apply and verify: 2 of 3/)
    await terminal.type('C-c')
    await terminal.shows(/Interrupted: fw-run stops/)
    await lab.host('node2').mendTools()
    const screen = await terminal.shows(/^exit code \d+/m)
    expect(screen).toContain('apply: interrupted; every host is as before.')
    expect(screen).toContain('exit code 130')
    expect(await firewalls(lab)).toEqual(before)
  })

  it('Ctrl-C after the decision says that the change is kept, and a second one what to do next', async () => {
    await lab.host('node2').breakTool('mv', {
      whenArgs: 'armed.*committed',
      message: 'mv: Read-only file system',
    })
    const terminal = await openTerminal(lab, ['apply'])
    await terminal.shows(/Commit: 2 of 3/)
    await terminal.type('C-c')
    await terminal.shows(
      /Too late to roll back: all hosts will keep the change\.[\s\S]*`fw-run recover -i inventory\.yaml`/,
    )
    await terminal.type('C-c')
    const screen = await terminal.shows(/^exit code \d+/m)
    expect(screen).toContain('fw-run quits now. Wait 36 seconds:')
    expect(screen).toContain('exit code 130')
    const status = await fwRun(lab, ['status'])
    expect(status.stdout).toContain('`fw-run recover`')
    await lab.host('node2').mendTools()
    expect((await fwRun(lab, ['recover'])).code).toBe(0)
    for (const { name } of lab.hosts) expect(await guards(lab, name)).toEqual([articleGuard])
  })

  it('Ctrl-C while connecting ends with 130 at once', async () => {
    await lab.host('node2').freeze()
    const terminal = await openTerminal(lab, ['apply', '--timeout', '60'])
    await terminal.shows(/Connect and read facts: 2 of 3/)
    await terminal.type('C-c')
    const screen = await terminal.shows(/^exit code \d+/m)
    expect(screen).toContain('exit code 130')
    await lab.host('node2').thaw()
    expect(await firewalls(lab)).toEqual(before)
  })

  it('a session that breaks in the middle: a new session finds that host as before, and the others are rolled back', async () => {
    await lab.host('node2').holdTool('iptables', '-I FORWARD')
    const running = fwRun(lab, ['apply'])
    await expect.poll(() => guards(lab, 'node1')).toHaveLength(1)
    await lab.host('node2').run("pkill -KILL -f 'sshd: ops'")
    const run = await running
    await lab.host('node2').mendTools()
    expect(run.stdout).toContain('rolled back because of node2; every host is as before.')
    expect(run.code).toBe(4)
    expect(await firewalls(lab)).toEqual(before)
  })

  it('a terminal that is closed: everything is rolled back, and the program ends by itself', async () => {
    const before = await firewalls(lab)
    const inventory = await lab.file('inventory.yaml', lab.inventoryYaml())
    const { executable } = await import('./fw-run.ts')
    const run = await lab.jump.run(
      `line="trap '' HUP; node ${executable} apply -i ${inventory} --confirm 60; echo \\$? >ended"
       rm -f ended; setsid script -qec "$line" /dev/null </dev/zero >said 2>&1 &
       until grep -q 'Keep the change' said; do sleep 0.1; done
       pkill -KILL -x script; until [ -s ended ]; do sleep 0.1; done; cat ended`,
    )
    expect(run.stdout).toBe('130\n')
    expect(await firewalls(lab)).toEqual(before)
  })

  it('a killed runner: every host rolls its change back', async () => {
    await lab.host('node2').holdTool('iptables', '-I FORWARD')
    const inventory = await lab.file('inventory.yaml', lab.inventoryYaml())
    const { executable } = await import('./fw-run.ts')
    const runner = lab.jump.spawn(['node', executable, 'apply', '-i', inventory], {
      stdio: 'ignore',
    })
    await expect.poll(() => guards(lab, 'node1')).toHaveLength(1)
    runner.kill('SIGKILL')
    await expect.poll(() => firewalls(lab)).toEqual(before)
    await lab.host('node2').mendTools()
    expect(await firewalls(lab)).toEqual(before)
  })
})
