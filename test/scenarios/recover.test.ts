import { once } from 'node:events'
import { dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { eventually } from '../eventually.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { executable, firewalls, fwRun, guards } from './fw-run.ts'
import { openTerminal } from './terminal.ts'

const journals = '.local/state/fw-run/runs'

/** Lets the runner see a clock that is a day ahead. */
const tomorrow = {
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(
    'const now=()=>performance.timeOrigin+performance.now()+864e5;globalThis.Date=class extends Date{constructor(...time){super(...(time.length?time:[now()]))}static now=now}',
  )}`,
}

const leftAlone =
  /1 host: node1\n {4}not changed by recover: the later run \S+ changed this host, or found nothing to change there/

/** How many rules of ours each host has, in the order of the hosts. */
async function guardCounts(lab: Lab): Promise<readonly number[]> {
  const all = await Promise.all(lab.hosts.map(({ name }) => guards(lab, name)))
  return all.map(({ length }) => length)
}

describe('a run that is killed', () => {
  /** Starts a run and kills it, with no chance to say a word, as soon as its journal holds so many such lines. */
  const killed = async (
    lab: Lab,
    words: readonly string[],
    line: string,
    count: number,
    text = lab.inventoryYaml(),
    env = {},
  ): Promise<void> => {
    const inventory = await lab.file('inventory.yaml', text)
    const argv = ['node', executable, ...words, '--lease', '20', '-i', inventory]
    const runner = lab.jump.spawn(argv, { stdio: 'ignore', env })
    const lines = async () =>
      Number(
        (await lab.jump.run(`cd ${journals} && grep -c '${line}' "$(ls -t | head -n 1)"`)).stdout,
      )
    await eventually(async () => expect(await lines()).toBe(count))
    runner.kill('SIGKILL')
  }

  /** Waits until a host has rolled back what a killed run left there. */
  const freed = async (lab: Lab, host: string): Promise<void> => {
    const left = async () => (await lab.host(host).run('ls -A /run/fw-run')).stdout
    await eventually(async () => expect(await left()).toBe('note\n'))
  }

  /** Presses Ctrl-C in a `recover` that has waited for its hosts and is about to check them. Mends the tool that keeps it from its decision. */
  const interrupted = async (lab: Lab): Promise<{ code: number; stdout: string }> => {
    const cue = 'Wait for hosts to finish by themselves: 3 of 3'
    const inventory = await lab.file('inventory.yaml', lab.inventoryYaml())
    const recover = lab.jump.spawn(['node', executable, 'recover', '-i', inventory])
    const ended = once(recover, 'close')
    let [stdout, stderr] = ['', '']
    recover.stdout?.on('data', (chunk: Buffer) => {
      stdout += chunk.toString()
    })
    recover.stderr?.on('data', (chunk: Buffer) => {
      const had = stderr.includes(cue)
      stderr += chunk.toString()
      if (!had && stderr.includes(cue)) recover.kill('SIGINT')
    })
    await eventually(() => expect(stderr).toContain('Interrupted: fw-run stops'))
    await lab.host('node3').mendTools()
    const [code] = await ended
    return { code: Number(code), stdout }
  }

  it.concurrent('before its decision: status warns, recover finds all hosts as before, and runs shows both', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({ hosts: 3 })
    onTestFinished(() => lab.stop())
    const untouched = await firewalls(lab)
    await lab.host('node3').holdTool('iptables', '-I FORWARD')
    await killed(lab, ['apply'], '"phase":"apply"', 2)

    // Its name must be quoted where it is typed.
    const inventory = `${lab.jump.home}/my hosts.yaml`
    await lab.jump.run(`ln -s inventory.yaml '${inventory}'`)
    const status = await fwRun(lab, ['status', '-i', inventory])
    expect(status.stderr).toMatch(
      /warning: run \S+ \(apply of .*Z by root@\S+\) died before it decided to keep the change\. node1, node2, node3: probably as before, but nobody has checked that yet\. `fw-run recover -i \S+inventory\.yaml` finishes that run\./,
    )
    expect(status.stdout).toMatch(
      /UNFINISHED RUNS\n {2}run \S+ \(apply\) is unfinished on node1, node2, node3\n/,
    )
    const [, printed] =
      / [Bb]ut run \S+ \(apply\) is unfinished: to finish it, run `(fw-run recover .*)`\.\n$/.exec(
        status.stdout,
      ) ?? []
    expect(printed).toBe(`fw-run recover -i '${inventory}'`)
    expect((await fwRun(lab, ['runs'])).stdout).toMatch(/ apply .* 3 {6}UNFINISHED: died/)

    const recover = await lab.jump.run(`PATH="$LAB_REPOSITORY/test/lab/tools:$PATH"; ${printed}`, {
      env: { LAB_REPOSITORY: dirname(dirname(executable)) },
    })
    expect(recover.stdout).toMatch(/3 hosts: node1, node2, node3\n {4}as before that run/)
    expect(recover.stdout).toMatch(/recover: done, finished run \S+\.\n$/)
    expect(recover.code).toBe(0)
    await lab.host('node3').mendTools()
    expect(await firewalls(lab)).toEqual(untouched)

    const again = await fwRun(lab, ['recover'])
    expect(again.stdout).toMatch(
      /^recover: nothing to finish among the runs of this user on this jump host \(\S+\); `fw-run status` shows the state of the hosts\.\n$/,
    )
    expect((await fwRun(lab, ['status'])).stderr).not.toContain('warning')
    const [, second, first] = (await fwRun(lab, ['runs'])).stdout.split('\n').slice(0, 3)
    expect(second).toMatch(/ recover .* finished \d/)
    expect(first ?? '').toMatch(/ apply .* died; finished by \d/)
  })

  it.concurrent('before its decision: a run that finds all as wanted finishes it, and hosts tell of it once', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({ hosts: 2 })
    onTestFinished(() => lab.stop())
    await fwRun(lab, ['apply'])
    await lab.host('node2').holdTool('iptables', '-D FORWARD')
    await killed(lab, ['remove'], '"phase":"apply"', 1)
    await lab.host('node2').mendTools()
    for (const { name } of lab.hosts) await freed(lab, name)

    const apply = await fwRun(lab, ['apply'])
    expect(apply.stdout).toMatch(
      /NOTES\n {2}node1, node2: run \S+: this host rolled the change back at \S+, because/,
    )
    expect(apply.stdout).toMatch(
      /UNFINISHED RUNS\n {2}run \S+ \(remove\) was unfinished; this run has finished it/,
    )
    expect(apply.stdout).toMatch(/apply: nothing to do on 2 hosts\.\n$/)
    expect(apply.code).toBe(0)
    for (const host of lab.hosts) expect(await guards(lab, host.name)).toHaveLength(1)
    const status = await fwRun(lab, ['status'])
    expect(status.stdout).not.toContain('rolled the change back')
    expect((await lab.host('node1').run('ls -A /run/fw-run')).stdout).toBe('')
  })

  it.concurrent('between its first commit and its last: hosts are mixed until recover finishes it', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({ hosts: 3 })
    onTestFinished(() => lab.stop())
    await lab.host('node3').slowTool('mv', 60, 'committed')
    await killed(lab, ['apply'], '"phase":"commit"', 2)
    await lab.host('node3').mendTools()

    const status = await fwRun(lab, ['status'])
    expect(status.stderr).toContain(
      'died after it decided to keep the change. node3 may still be unprotected',
    )
    expect(status.code).toBe(3)

    await lab.host('node3').holdTool('iptables', '-I FORWARD')
    const stopped = await interrupted(lab)
    expect(stopped.code).toBe(130)
    expect(stopped.stdout).toMatch(/NOT FINISHED .*node3\n[^>]*interrupted \(Ctrl-C\)/)
    expect(await guardCounts(lab)).toEqual([1, 1, 0])

    const recover = await fwRun(lab, ['recover'])
    expect(recover.stdout).toMatch(/2 hosts: node1, node2\n {4}has the change already/)
    expect(recover.stdout).toMatch(/1 host: node3\n {4}create set cluster_nodes with 3 members/)
    expect(recover.code).toBe(0)
    for (const host of lab.hosts) expect(await guards(lab, host.name)).toHaveLength(1)
    const protectedNow = await fwRun(lab, ['status'])
    expect(protectedNow.stdout).toContain('status: 3 hosts protected.')
    expect(protectedNow.code).toBe(0)
  })

  it.concurrent('between its first commit and its last, while a host is down: the others are finished, that one is listed', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({ hosts: 3 })
    onTestFinished(() => lab.stop())
    await fwRun(lab, ['apply'])
    for (const name of ['node2', 'node3']) await lab.host(name).slowTool('mv', 60, 'committed')
    await killed(lab, ['remove'], '"phase":"commit"', 1)
    for (const name of ['node2', 'node3']) await lab.host(name).mendTools()
    await lab.host('node3').linkDown()

    const down = await fwRun(lab, ['recover', '--timeout', '8'])
    expect(down.stdout).toMatch(/NOT FINISHED 1 host: node3\n {4}.*(8 s|no route)/)
    expect(down.stdout).toContain(
      'If the host no longer exists, delete it from the inventory file.',
    )
    expect(down.stderr.match(/node3: /g)).toHaveLength(1)
    expect(down.stdout).toContain(
      'recover: NOT FINISHED on node3. Fix the cause, then run the same command again.',
    )
    expect(down.code).toBe(8)
    expect(await guards(lab, 'node2')).toEqual([])

    const status = await fwRun(lab, ['status', '--timeout', '8'])
    expect(status.stderr).toMatch(
      /\(remove of .* after it decided to keep the change\. .*node3 may still be protected/,
    )
    expect(status.stdout).toMatch(/ But run \S+ \(remove\) is unfinished: /)

    await lab.host('node3').linkUp()
    const up = await fwRun(lab, ['recover', '--output', 'json'])
    expect(JSON.parse(up.stdout)).toMatchObject({
      outcome: 'finished',
      runs: [{ command: 'remove', decided: true, finished: true }],
    })
    expect(up.code).toBe(0)
    for (const host of lab.hosts) expect(await guards(lab, host.name)).toEqual([])
  })

  it.concurrent('does not undo what a later run has done on one of its hosts', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({ hosts: 3 })
    onTestFinished(() => lab.stop())
    await lab.host('node3').slowTool('mv', 60, 'committed')
    await killed(lab, ['apply'], '"phase":"commit"', 2)
    await lab.host('node3').mendTools()
    expect((await fwRun(lab, ['remove', '--limit', 'node1'])).code).toBe(0)
    const recover = await fwRun(lab, ['recover'])
    expect(recover.stdout).toMatch(leftAlone)
    expect(recover.code).toBe(0)
    expect(await guardCounts(lab)).toEqual([0, 1, 1])
  })

  it.concurrent('does not undo what a later run has done, though the clock was a day ahead until then', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({ hosts: 3 })
    onTestFinished(() => lab.stop())
    await lab.host('node3').slowTool('mv', 60, 'committed')
    await killed(lab, ['apply'], '"phase":"commit"', 2, lab.inventoryYaml(), tomorrow)
    await lab.host('node3').mendTools()
    const [ahead = ''] = (await fwRun(lab, ['runs'])).stdout.match(/^\d{8}-\d{6}-\w+/m) ?? []
    expect(ahead > new Date().toISOString().replace(/[-:]/g, '').replace('T', '-')).toBe(true)
    expect((await fwRun(lab, ['remove', '--limit', 'node1'])).code).toBe(0)

    const status = await fwRun(lab, ['status'])
    expect(status.stderr).toContain(`run ${ahead} (apply of `)
    const recover = await fwRun(lab, ['recover'])
    expect(recover.stdout).toMatch(leftAlone)
    expect(recover.stdout).toContain(`finished run ${ahead}.`)
    expect(recover.code).toBe(0)
    expect(await guardCounts(lab)).toEqual([0, 1, 1])
  })

  it.concurrent('does not take hosts of another cluster for its own because their names are the same', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({ hosts: 3 })
    onTestFinished(() => lab.stop())
    const addressOf = (name: string): string => lab.host(name).spec.address
    const cluster = (hosts: string, others: string): string =>
      `all:\n  vars: { ansible_user: ops, fw_interface: ens18, fw_extra_members: [${others}] }\n  hosts: { ${hosts} }\n`
    const [one, two, three] = [addressOf('node1'), addressOf('node2'), addressOf('node3')]
    const ours = cluster(`n1: { ansible_host: ${one} }, n2: { ansible_host: ${two} }`, three)
    const theirs = cluster(`n2: { ansible_host: ${three} }`, `${one}, ${two}`)
    await lab.host('node2').slowTool('mv', 60, 'committed')
    await killed(lab, ['apply'], '"phase":"commit"', 1, ours)
    await lab.host('node2').mendTools()
    // A script, the standard input or a file that is written anew may bring another cluster by the same name.
    for (const file of ['b.yaml', 'inventory.yaml']) {
      const env = { FW_RUN_INVENTORY: await lab.file(file, theirs) }
      const other = await fwRun(lab, ['apply'], { env })
      expect(other.code).toBe(0)
      expect(other.stderr).not.toContain('warning: run')
      expect((await fwRun(lab, ['recover'], { env })).stdout).toContain('nothing to finish here')
    }
    const env = { FW_RUN_INVENTORY: await lab.file('inventory.yaml', ours) }
    expect((await fwRun(lab, ['recover'], { env })).code).toBe(0)
    expect(await guards(lab, 'node2')).toHaveLength(1)
  })

  it.concurrent('does not undo a later run that was killed once it had changed all hosts', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({ hosts: 2 })
    onTestFinished(() => lab.stop())
    await fwRun(lab, ['apply'])
    await lab.host('node2').slowTool('mv', 60, 'committed')
    await killed(lab, ['remove'], '"phase":"commit"', 1)
    await lab.host('node2').mendTools()
    await killed(lab, ['apply', '--settle', '60', '--limit', 'node1'], '"kind":"outcomes"', 1)
    expect(await guards(lab, 'node1')).toHaveLength(1)
    const recover = await fwRun(lab, ['recover'])
    expect(recover.stdout).toMatch(leftAlone)
    expect(await guards(lab, 'node1')).toHaveLength(1)
    expect(await guards(lab, 'node2')).toEqual([])
  })

  it.concurrent('after a question, at which it waited while another run found nothing to do: recover finishes it, and does not undo what ran while it asked for a password', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({ hosts: 2 })
    onTestFinished(() => lab.stop())
    await fwRun(lab, ['apply'])
    const terminal = await openTerminal(lab, ['remove', '--ask', '--lease', '20'])
    await terminal.shows(/Change 2 hosts\?/)
    expect((await fwRun(lab, ['apply'])).stdout).toContain('nothing to do on 2 hosts.')
    await lab.host('node2').slowTool('mv', 60, 'committed')
    await terminal.type('y', 'Enter')
    const journal = `"$(grep -l '"command":"remove"' ${journals}/*.ndjson)"`
    const died = `grep '"phase":"commit"' ${journal} && kill -9 "$(sed -n '1s/.*"pid":\\([0-9]*\\).*/\\1/p' ${journal})"`
    await eventually(async () => expect((await lab.jump.run(died)).code).toBe(0))
    await terminal.close()
    await lab.host('node2').mendTools()
    await freed(lab, 'node2')
    expect(await guardCounts(lab)).toEqual([0, 1])

    const late = await openTerminal(lab, ['recover', '-K'])
    await late.shows(/sudo password/)
    const recover = await fwRun(lab, ['recover'])
    expect(recover.stdout).toMatch(/recover: done, finished run \S+\.\n$/)
    expect(await guardCounts(lab)).toEqual([0, 0])
    expect((await fwRun(lab, ['apply'])).code).toBe(0)
    await late.type('x', 'Enter')
    expect(await late.shows(/^exit code \d+/m)).toMatch(
      /not changed by recover: the later run .*exit code 0/s,
    )
    await late.close()
    expect(await guardCounts(lab)).toEqual([1, 1])
  })

  it.concurrent('is finished before an apply on all its hosts begins to watch them', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({ hosts: 2 })
    onTestFinished(() => lab.stop())
    await lab.host('node2').slowTool('mv', 60, 'committed')
    await killed(lab, ['apply'], '"phase":"commit"', 1)
    await lab.host('node2').mendTools()
    await freed(lab, 'node2')
    await killed(lab, ['apply', '--settle', '60'], '"kind":"finished-by"', 1)
    expect((await fwRun(lab, ['recover'])).stdout).toMatch(/^recover: nothing to finish among/)
    for (const host of lab.hosts) expect(await guards(lab, host.name)).toHaveLength(1)
  })

  it.concurrent('is finished by the next apply that succeeds on all its hosts', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({ hosts: 2 })
    onTestFinished(() => lab.stop())
    await lab.host('node2').holdTool('iptables', '-I FORWARD')
    await killed(lab, ['apply'], '"phase":"apply"', 1)
    await lab.host('node2').mendTools()
    await freed(lab, 'node2')
    const next = await fwRun(lab, ['apply'])
    expect(next.stderr).toMatch(
      /warning: run \S+ \(.* died before it decided to keep the change\. .*\. The run that starts now finishes it, too\.\n/,
    )
    expect(next.stdout).toContain('apply: done, 2 of 2 hosts changed.')
    expect(next.stdout).toMatch(/was unfinished; this run has finished it\n/)
    expect((await fwRun(lab, ['status'])).stderr).not.toContain('warning')
    expect((await fwRun(lab, ['runs'])).stdout).toMatch(/died; finished by \d/)
  })
})

describe('a journal that cannot be written', () => {
  it.concurrent('stops a run before it connects', async ({ onTestFinished }) => {
    const lab = await startLab({ hosts: 1 })
    onTestFinished(() => lab.stop())
    const state = await lab.file('state', '')
    const run = await fwRun(lab, ['apply'], { env: { XDG_STATE_HOME: state } })
    expect(run.code).toBe(1)
    expect(run.stderr).toMatch(
      /fw-run: The journal \S+\/state\/fw-run\/runs\/\S+ cannot be written/,
    )
    expect(run.stderr).toContain('fw-run connected to no host, and changed nothing.')
    expect(run.stderr).toContain('XDG_STATE_HOME')
    expect(await lab.host('node1').sshConnections()).toBe(0)
  })

  it.concurrent('leaves no empty file behind where there is no room for its first line', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({ hosts: 1 })
    onTestFinished(() => lab.stop())
    await lab.jump.run('mkdir state && mount -t tmpfs -o size=64k tmpfs state')
    await lab.jump.run('cd state && mkdir -p fw-run/runs; dd if=/dev/zero of=full bs=1k')
    const env = { XDG_STATE_HOME: `${lab.jump.home}/state` }
    expect((await fwRun(lab, ['apply'], { env })).code).toBe(1)
    expect((await lab.jump.run('ls state/fw-run/runs')).stdout).not.toContain('.ndjson')
  })

  it.concurrent('is not needed where recover has nothing to do', async ({ onTestFinished }) => {
    const lab = await startLab({ hosts: 1 })
    onTestFinished(() => lab.stop())
    const run = await fwRun(lab, ['recover'], { env: { XDG_STATE_HOME: '/proc/nowhere' } })
    expect(run.stdout).toMatch(/^recover: nothing to finish among the runs of this user /)
    expect(run.code).toBe(0)
    const state = await lab.file('state', '')
    const blind = await fwRun(lab, ['recover'], { env: { XDG_STATE_HOME: state } })
    expect(blind.stderr).toMatch(/^fw-run: Past runs are not known, because .* cannot be read: /)
    expect(blind.code).toBe(1)
  })

  it.concurrent('at the decision rolls everything back', async ({ onTestFinished }) => {
    const lab = await startLab({ hosts: 2 })
    onTestFinished(() => lab.stop())
    const before = await firewalls(lab)
    await lab.jump.run('mkdir state && mount -t tmpfs -o size=64k tmpfs state')
    await lab.host('node2').holdTool('iptables', '-I FORWARD')
    const state = `${lab.jump.home}/state`
    const running = fwRun(lab, ['apply'], { env: { XDG_STATE_HOME: state } })
    await eventually(async () => expect(await guards(lab, 'node1')).toHaveLength(1))
    await lab.jump.run(
      `cd state && dd if=/dev/zero of=full bs=1k; cd fw-run/runs && journal=$(ls *.ndjson)
       while printf '\\n' >>$journal; do :; done`,
    )
    await lab.host('node2').mendTools()
    const run = await running
    expect(run.stdout).toContain('fw-run could not write the decision to the journal')
    expect(run.code).toBe(2)
    expect(await firewalls(lab)).toEqual(before)
  })
})
