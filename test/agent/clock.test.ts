import { spawn } from 'node:child_process'
import { describe, expect } from 'vitest'
import { parseNote } from '../../src/agent/host-note.ts'
import { eventually } from '../eventually.ts'
import { changesFor, talkTo } from './conversation.ts'
import { cases, furnish } from './firewall-cases.ts'
import { type Host, itOnHost, shells } from './host-in-namespace.ts'
import { quick, sleeping, slow } from './slow-iptables.ts'

const fresh = cases[0]?.script ?? ''

/** The agent, with less patience for its tools. */
const impatient = (program: string): string => program.replace('\nlimit=20\n', '\nlimit=2\n')

describe.concurrent.each(Object.entries(shells))('the clock under %s', (_shell, command) => {
  const it = itOnHost(command)
  const pause = '300.5'

  it('ends a tool that hangs, and all that it started; the host can be rolled back then', async ({
    host,
  }) => {
    furnish(host, fresh)
    const before = host.firewall()
    slow(host, '-I', pause)
    const agent = await talkTo(host, 'run-1', 'test', 30, impatient)
    const state = await agent.state()
    expect(await agent.apply(state, changesFor(state))).toMatch(
      /^failed: iptables -I FORWARD .* failed with exit code 143: it did not end within 2 s/,
    )
    await eventually(() => expect(sleeping(host, pause)).toBe(''))
    expect(await agent.rollback()).toBe('rolled-back')
    expect(host.firewall()).toBe(before)
    await agent.leave()
    expect(host.leftovers()).toBe('')
  })

  /** Puts this script in the place of a tool. The tool itself lies in /usr/sbin. */
  const replace = (host: Host, tool: string, script: string): void => {
    host.run(
      `rm -f /usr/local/sbin/${tool}; cat >/usr/local/sbin/${tool}; chmod +x /usr/local/sbin/${tool}`,
      `#!/bin/sh\n${script}\n`,
    )
  }

  it('gives an iptables of CentOS 7 as much time as any other, and names the lock where that is not enough', async ({
    host,
  }) => {
    furnish(host, fresh)
    const before = host.firewall()
    const old = (seconds: string): void =>
      replace(
        host,
        'iptables',
        `case $1 in -V) echo iptables v1.4.21; exit ;; esac
         shift; case $* in *-D*) sleep ${seconds} ;; esac; exec /usr/sbin/iptables-legacy "$@"`,
      )
    old('5')
    const short = (program: string) => program.replace('\npatience=5\n', '\npatience=1\n')
    for (const edit of [short, impatient]) {
      const agent = await talkTo(host, 'run-1', 'test', 30, edit)
      const state = await agent.state()
      expect(await agent.apply(state, changesFor(state))).toBe('applied')
      if (edit === impatient) {
        old(pause)
        expect(await agent.rollback()).toMatch(
          /^failed: iptables -D .* 143: it did not end within 2 s: another program may hold the xtables lock$/,
        )
        old('0')
      }
      expect(await agent.rollback()).toBe('rolled-back')
      expect(host.firewall()).toBe(before)
      await agent.leave()
    }
  })

  it('is the reason that is told of a tool, however much that has printed', async ({ host }) => {
    furnish(host, fresh)
    const agent = await talkTo(host, 'run-1', 'test', 30, impatient)
    const state = await agent.state()
    const printing = (then: string): void =>
      replace(
        host,
        'iptables',
        `case $* in *'-S FORWARD') seq -f '-A FORWARD -m comment --comment %.0f' 3000; ${then} ;; esac
         exec /usr/sbin/iptables-legacy "$@"`,
      )
    printing(`sleep ${pause}`)
    expect(await agent.apply(state, changesFor(state))).toBe(
      'untouched: iptables -S FORWARD failed with exit code 143: it did not end within 2 s',
    )
    printing('echo no luck >&2; exit 4')
    const answer = await agent.apply(state, changesFor(state))
    expect(answer).toMatch(/^untouched: iptables -S FORWARD failed with exit code 4: .*no luck$/)
    expect(answer.length).toBeLessThan(600)
    await agent.leave()
  })

  it('ends what asks a systemd that does not answer, and the agent goes on without it', async ({
    host,
  }) => {
    furnish(host, fresh)
    host.run('mkdir -p /run/systemd/system')
    for (const tool of ['systemctl', 'systemd-run']) replace(host, tool, `exec sleep ${pause}`)
    // What the clock does not know for a tool is not ended here.
    const agent = await talkTo(host, 'run-1', 'test', 30, (program) =>
      impatient(program).replace('answer_limit=60', 'answer_limit=600'),
    )
    const state = await agent.state()
    expect(await agent.apply(state, changesFor(state))).toBe('applied')
    expect(await agent.rollback()).toBe('rolled-back')
    await agent.leave()
    expect(host.leftovers()).toBe('')
  })

  const inSession = itOnHost([
    ...['/usr/bin/sh', '-c', 'exec 8</dev/null 9<&8; "$@"; exit', 'sh', ...command],
  ])

  inSession(
    'spares what the agent runs in, whatever that has open, and still ends a tool that hangs',
    async ({ host }) => {
      furnish(host, fresh)
      slow(host, '-I', pause)
      const agent = await talkTo(host, 'run-1', 'test', 30, impatient)
      const state = await agent.state()
      expect(await agent.apply(state, changesFor(state))).toMatch(/it did not end within 2 s/)
      expect(await agent.rollback()).toBe('rolled-back')
      await agent.leave()
    },
  )

  inSession(
    'ends what a tool has started just now: without the tool, nobody could tell whose it is',
    async ({ host }) => {
      furnish(host, fresh)
      slow(host, '-I', `4; sleep ${pause}`)
      const patient = (program: string) => program.replace('\nlimit=20\n', '\nlimit=4\n')
      const agent = await talkTo(host, 'run-1', 'test', 30, patient)
      const state = await agent.state()
      expect(await agent.apply(state, changesFor(state))).toMatch(/it did not end within 4 s/)
      await eventually(() => expect(sleeping(host, pause)).toBe(''))
      expect(await agent.rollback()).toBe('rolled-back')
      await agent.leave()
    },
  )

  it('ends also a tool that may take long, when no runner waits for it any more', async ({
    host,
  }) => {
    furnish(host, fresh)
    // All tables are read by what the clock cannot tell for a tool.
    host.run(
      `rm /usr/local/sbin/iptables-save; cat >/usr/local/sbin/iptables-save; chmod +x /usr/local/sbin/iptables-save`,
      `#!/bin/sh\nexec sleep ${pause}\n`,
    )
    const agent = await talkTo(host, 'run-1', 'test', 30, (program) =>
      impatient(program).replace('answer_limit=60', 'answer_limit=2'),
    )
    const pausing = `ps -o ppid=,args= -s ${agent.pid} | sed -n 's/^ *\\([0-9]*\\) sleep 3$/\\1/p'`
    const clock = async (): Promise<string> => {
      await eventually(() => expect(host.run(pausing)).not.toBe(''))
      return host.run(pausing)
    }
    const answer = agent.facts()
    const first = await clock()
    expect((await answer).state).toMatchObject({
      kind: 'unreadable',
      reason: expect.stringContaining('iptables-save failed (exit code 143)'),
    })
    await eventually(() => expect(sleeping(host, pause)).toBe(''))
    expect(await clock()).toBe(first)
    await agent.leave()
  })

  it('ends what hangs while the watchdog rolls back, which then tries again', async ({ host }) => {
    furnish(host, fresh)
    const before = host.firewall()
    const agent = await talkTo(host, 'run-1', 'test', 30, impatient)
    const state = await agent.state()
    expect(await agent.apply(state, changesFor(state))).toBe('applied')
    slow(host, '-D', pause)
    process.kill(agent.pid, 'SIGKILL')
    await eventually(() => expect(parseNote(host.note())?.kind).toBe('not-rolled-back'))
    quick(host)
    await eventually(() => expect(host.firewall()).toBe(before))
    await eventually(() => expect(host.leftovers()).toBe(''))
  })

  it('knows the age of a tool also where the uptime is that of a container', async ({ host }) => {
    furnish(host, fresh)
    // As lxcfs: it counts from the start of the container.
    host.run(`echo '100.00 1.00' >/run/uptime
      mount --bind /run/uptime /proc/uptime
      { n=100; while [ "$((n += 1))" -lt 999 ] && [ -e /run/uptime ]; do sleep 1; printf '%s.00 1.00\\n' "$n" 1<>/run/uptime; done; } >/dev/null 2>&1 &`)
    try {
      slow(host, '-I', pause)
      const agent = await talkTo(host, 'run-1', 'test', 60, impatient)
      const state = await agent.state()
      expect(await agent.apply(state, changesFor(state))).toMatch(/it did not end within 2 s/)
      expect(await agent.rollback()).toBe('rolled-back')
      await agent.leave()
    } finally {
      host.run('umount /proc/uptime; rm /run/uptime')
    }
  })

  it('is not fooled by the names that processes give themselves', async ({ host }) => {
    furnish(host, fresh)
    const agent = await talkTo(host, 'run-1', 'test', 30, impatient)
    const state = await agent.state()
    // The first would make the shell list a whole machine, the others are none of the agent's session.
    const names = ['x /*/*/*/*/*/*\\n', `x) S 1 1 ${agent.pid} \\n`, `\\nx) S 1 1 ${agent.pid}`]
    const named = names.map((name) => {
      const script = `printf '${name}' >/proc/self/comm; while read -r _; do :; done`
      return spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'] })
    })
    try {
      slow(host, '-I', pause)
      expect(await agent.apply(state, changesFor(state))).toMatch(/it did not end within 2 s/)
      expect(named.map(({ exitCode, signalCode }) => exitCode ?? signalCode)).toEqual([
        null,
        null,
        null,
      ])
      process.kill(agent.pid, 'SIGKILL')
      await eventually(() => expect(host.leftovers()).toBe(''))
      expect(named.map(({ exitCode, signalCode }) => exitCode ?? signalCode)).toEqual([
        null,
        null,
        null,
      ])
    } finally {
      for (const process of named) process.kill()
    }
  })

  it('that has ended costs no process of others that got its number', async ({ host }) => {
    furnish(host, fresh)
    const other = spawn('sleep', ['300.8'], { stdio: 'ignore' })
    try {
      const ended = (program: string) =>
        program.replaceAll('\nclock=$!\n', `\nclock=${other.pid}\n`)
      const agent = await talkTo(host, 'run-1', 'test', 30, ended)
      await agent.facts()
      await agent.leave()
      expect(other.exitCode ?? other.signalCode).toBeNull()
      process.kill(other.pid ?? 0, 0)
    } finally {
      other.kill()
    }
  })

  it('does not outlive its agent, nor does its pause', async ({ host }) => {
    furnish(host, fresh)
    const long = pause.replace('.', '00.')
    const drowsy = (program: string) => program.replace('\nsleep 3 &\n', `\nsleep ${long} &\n`)
    const agent = await talkTo(host, 'run-1', 'test', 30, drowsy)
    await agent.facts()
    await eventually(() => expect(sleeping(host, long)).not.toBe(''))
    await agent.leave()
    await eventually(() => expect(host.run(`pgrep -s ${agent.pid} || :`)).toBe(''))
  })
})
