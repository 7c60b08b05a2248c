import { existsSync } from 'node:fs'
import { describe, expect } from 'vitest'
import { parseNote } from '../../src/agent/host-note.ts'
import { rulesOf } from '../../src/iptables/ruleset.ts'
import type { Change } from '../../src/plan/change.ts'
import { eventually } from '../eventually.ts'
import { type Conversation, changesFor, talkTo } from './conversation.ts'
import { cases, furnish } from './firewall-cases.ts'
import { type Host, itOnHost, shells, startHost } from './host-in-namespace.ts'
import { quick, sleeping, slow } from './slow-iptables.ts'

const fresh = cases[0]?.script ?? ''

/** Waits until a host is as it was; fails with what it is instead. */
async function comesBack(host: Host, before: string): Promise<void> {
  await eventually(() => expect(host.firewall()).toBe(before))
  await eventually(() => expect(host.leftovers()).toBe(''))
}

/** A host with an open change. */
async function changed(
  host: Host,
  { script = fresh, wanted, lease = 30, run = 'run-1' }: Partial<Opened> = {},
): Promise<{ before: string; agent: Conversation; changes: readonly Change[] }> {
  furnish(host, script)
  const before = host.firewall()
  const agent = await talkTo(host, run, 'test', lease)
  const state = await agent.state()
  const changes = changesFor(state, wanted)
  expect(await agent.apply(state, changes)).toBe('applied')
  expect(host.firewall()).not.toBe(before)
  return { before, agent, changes }
}

/** A host whose agent waits for an iptables that will put the rule there so many seconds later. */
async function changing(
  host: Host,
  seconds: string,
): Promise<{ before: string; agent: Conversation }> {
  furnish(host, fresh)
  const before = host.firewall()
  slow(host, '-I', seconds)
  const agent = await talkTo(host)
  const state = await agent.state()
  void agent.apply(state, changesFor(state)).catch(() => {})
  await eventually(() => expect(sleeping(host, seconds)).not.toBe(''))
  return { before, agent }
}

interface Opened {
  readonly script: string
  readonly wanted: Parameters<typeof changesFor>[1]
  readonly lease: number
  readonly run: string
}

/** An iptables that deletes no rule. */
const stuck = `#!/bin/sh
case $* in *-D*) echo no luck >&2; exit 4 ;; esac
exec /usr/sbin/iptables-legacy "$@"
`

const some = cases.filter(({ name }) => /fresh|drifted|removal|comment/.test(name))
const dog = 'cut -d " " -f 1 /run/fw-run/lock/watchdog'

describe.concurrent.each(Object.entries(shells))('the watchdog under %s', (_, command) => {
  const it = itOnHost(command)

  it.for(some)('rolls back what a killed agent left on $name', async (one, { host }) => {
    const { script, wanted } = one
    const { before, agent } = await changed(host, { script, wanted })
    process.kill(agent.pid, 'SIGKILL')
    await comesBack(host, before)
    expect(parseNote(host.note())).toEqual({
      kind: 'rolled-back',
      run: 'run-1',
      time: expect.stringMatching(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      cause: { kind: 'session-ended' },
    })
  })

  it('rolls back when nothing was heard from the runner for the lease, and ends the session', async ({
    host,
  }) => {
    const { before, agent } = await changed(host, { lease: 8 })
    await comesBack(host, before)
    expect(parseNote(host.note())).toMatchObject({ cause: { kind: 'unheard', seconds: 8 } })
    await expect(agent.facts()).rejects.toThrow(/SIGKILL/)
  })

  it('waits for an agent at work as long as a runner does, however long its tools take together', async ({
    host,
  }) => {
    const { script = '', wanted } = cases.find(({ name }) => name === 'a rule too far down') ?? {}
    furnish(host, script)
    const before = host.firewall()
    slow(host, '', '2')
    const lease = 8
    // A runner that has waited so long has given the session up, or is gone.
    const hasty = (program: string) => program.replace(/^answer_limit=60$/m, 'answer_limit=2')
    const given = await talkTo(host, 'run-1', 'test', lease, hasty)
    const state = await given.state()
    await expect(given.apply(state, changesFor(state, wanted))).rejects.toThrow(/SIGKILL/)
    quick(host)
    await comesBack(host, before)
    expect(parseNote(host.note())).toMatchObject({ cause: { kind: 'unheard', seconds: lease } })
    slow(host, '', '2')
    const agent = await talkTo(host, 'run-2', 'test', lease)
    const again = await agent.state()
    expect(await agent.apply(again, changesFor(again, wanted))).toBe('applied')
    expect(await agent.commit()).toBe('committed')
    await agent.leave()
    expect(host.leftovers()).toBe('')
  })

  it('that cannot roll back lets others know why', async ({ host }) => {
    const { before, agent } = await changed(host)
    host.run(
      `rm /usr/local/sbin/iptables; cat >/usr/local/sbin/iptables; chmod +x /usr/local/sbin/iptables`,
      stuck,
    )
    process.kill(agent.pid, 'SIGKILL')
    await eventually(() => expect(host.note()).toContain('not-rolled-back'))
    const recovery = await talkTo(host, 'run-2')
    await recovery.facts()
    const why = 'iptables -D FORWARD .* failed with exit code 4: no luck'
    expect(await recovery.clear()).toMatch(new RegExp(`^locked: run run-1 by test, stuck: ${why}$`))
    await recovery.leave()
    const impatient = (program: string) => program.replace('\nlimit=20\n', '\nlimit=2\n')
    const next = await talkTo(host, 'run-1', 'test', 30, impatient)
    await next.facts()
    expect(await next.rollback()).toMatch(new RegExp(`^failed: ${why}$`))
    quick(host)
    await comesBack(host, before)
    await next.leave()
  })

  it('that is still rolling back is said to be at work, and nothing to be wrong', async ({
    host,
  }) => {
    const { before, agent } = await changed(host)
    slow(host, '-D', '10.1')
    process.kill(agent.pid, 'SIGKILL')
    await eventually(() => expect(sleeping(host, '10.1')).not.toBe(''))
    const impatient = (program: string) => program.replace('\nlimit=20\n', '\nlimit=2\n')
    const next = await talkTo(host, 'run-1', 'test', 30, impatient)
    await next.facts()
    expect(await next.rollback()).toBe(
      'busy: the watchdog of this run did not finish its work within 2 s',
    )
    await comesBack(host, before)
    expect(await next.rollback()).toBe('rolled-back: already')
    await next.leave()
  })

  it('leaves a change alone as long as its lease is renewed, and one that is committed for good', async ({
    host,
  }) => {
    const lease = 15
    const { agent } = await changed(host, { lease })
    const applied = host.firewall()
    const twice = performance.now() + 2000 * lease
    while (performance.now() < twice) {
      expect(await agent.renew()).toBe('renewed')
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
    expect(host.firewall()).toBe(applied)
    const seen = rulesOf((await agent.look()).ruleset, 'filter', 'FORWARD').map(({ raw }) => raw)
    expect(seen.join('\n')).toBe(host.run('iptables -S FORWARD | grep ^-A').trim())
    const watchdog = host.run(dog).trim()
    expect(await agent.commit()).toBe('committed')
    expect(await agent.renew()).toBe('gone')
    await eventually(() => expect(existsSync(`/proc/${watchdog}`)).toBe(false))
    expect(host.firewall()).toBe(applied)
    await agent.leave()
    expect(host.leftovers() + host.note()).toBe('')
  })
})

describe.concurrent('the watchdog', () => {
  const it = itOnHost(shells.dash ?? [])

  it('ends a command that outlived its agent before it rolls back', async ({ host }) => {
    const { before, agent } = await changing(host, '300.01')
    process.kill(agent.pid, 'SIGKILL')
    quick(host)
    await comesBack(host, before)
    expect(sleeping(host, '300.01')).toBe('')
  })

  it('goes on where the agent could not, while the xtables lock is held', async ({ host }) => {
    const { before, agent } = await changed(host)
    host.run('(flock 9; sleep 7) 9>/run/xtables.lock >/dev/null 2>&1 & sleep 0.2')
    await agent.leave()
    await comesBack(host, before)
  })

  it('tells that it could not roll back, and tries again', async ({ host }) => {
    const { before, agent } = await changed(host)
    host.run(
      "printf '#!/bin/sh\\nexit 4\\n' >/usr/local/sbin/broken; chmod +x /usr/local/sbin/broken; ln -sf broken /usr/local/sbin/iptables",
    )
    process.kill(agent.pid, 'SIGKILL')
    await eventually(() =>
      expect(parseNote(host.note())).toMatchObject({ kind: 'not-rolled-back', run: 'run-1' }),
    )
    quick(host)
    await comesBack(host, before)
  })

  it('has nothing to tell of a host that was only held', async ({ host }) => {
    furnish(host, fresh)
    const before = host.firewall()
    const agent = await talkTo(host)
    expect(await agent.apply(await agent.state(), [])).toBe('applied')
    process.kill(agent.pid, 'SIGKILL')
    await comesBack(host, before)
    expect(host.note()).toBe('')
  })

  it('is not needed where the agent is left alone without it', async ({ host }) => {
    const { before, agent } = await changed(host)
    host.run(`kill -9 $(${dog})`)
    await agent.leave()
    expect(host.firewall()).toBe(before)
    expect(host.leftovers()).toBe('')
  })

  it('clears away after an agent that died when it had committed', async ({ host }) => {
    const { script, wanted } = cases[2] ?? { script: '', wanted: undefined }
    const { agent } = await changed(host, { script, wanted })
    const applied = host.firewall().replace(/^.*fw-run-aside.*\n/gm, '')
    host.run('mv /run/fw-run/lock/armed.run-1 /run/fw-run/lock/committed.run-1')
    process.kill(agent.pid, 'SIGKILL')
    await comesBack(host, applied)
    expect(host.note()).toBe('')
  })

  it('leaves the undo to the next run when it was killed with its agent', async ({ host }) => {
    for (const next of ['clear', 'apply'] as const) {
      const { before, agent } = await changed(host)
      host.run(`kill -9 $(${dog}) ${agent.pid}`)
      const second = await talkTo(host, 'run-2')
      const facts = await second.facts()
      expect(facts.lockHolder).toBeUndefined()
      expect(facts.unfinished).toEqual({ run: 'run-1', who: 'test' })
      const state = await second.state()
      if (next === 'apply') expect(await second.apply(state, [])).toBe('stale')
      else expect(await second.clear()).toBe('cleared')
      expect(host.firewall()).toBe(before)
      await second.leave()
      expect(host.leftovers()).toBe('')
      // An apply plans again, and then tells what was rolled back before its own change.
      const note = { kind: 'rolled-back', run: 'run-1', cause: { kind: 'found' } }
      if (next === 'apply') expect(parseNote(host.note())).toMatchObject(note)
      else expect(host.note()).toBe('')
    }
  })

  it('leaves nothing to tell where its run died before it had changed anything', async ({
    host,
  }) => {
    const { agent } = await changed(host)
    expect(await agent.rollback()).toBe('rolled-back')
    await agent.leave()
    host.run(`umask 077; mkdir -p /run/fw-run/lock && cd /run/fw-run/lock
      ln -s 'pid 1000000 started 1 session 1000000 run run-1 by test' owner
      printf 'set\\tcluster_nodes\\tabsent\\n' >armed.run-1; : >lease`)
    const next = await talkTo(host, 'run-2')
    const state = await next.state()
    expect(await next.apply(state, changesFor(state))).toBe('applied')
    expect(await next.commit()).toBe('committed')
    await next.leave()
    expect(host.leftovers() + host.note()).toBe('')
  })

  it('is started again when it is found dead, before its change is kept', async ({ host }) => {
    const { before, agent } = await changed(host)
    const first = host.run(dog)
    host.run(`kill -9 ${first}
      while grep -q ') [^Z]' /proc/${first.trim()}/stat 2>/dev/null; do sleep 0.02; done`)
    expect(await agent.renew()).toBe('renewed')
    expect(host.run(dog)).not.toBe(first)
    process.kill(agent.pid, 'SIGKILL')
    await comesBack(host, before)
  })

  it('is not needed where the runner goes away in the middle of a change', async ({ host }) => {
    const { before, agent } = await changing(host, '2.02')
    host.run(`kill -9 $(${dog})`)
    agent.hangUp()
    await comesBack(host, before)
    expect(parseNote(host.note())).toMatchObject({ cause: { kind: 'connection-ended' } })
  })

  it('is gone when the transaction is', async ({ host }) => {
    const { agent } = await changed(host)
    const watchdog = host.run(dog).trim()
    expect(await agent.rollback()).toBe('rolled-back')
    const state = `cut -d " " -f 3 /proc/${watchdog}/stat 2>/dev/null || echo gone`
    await eventually(() => expect(host.run(state)).toMatch(/^(Z|gone)$/m))
    await agent.leave()
  })

  it('leaves no command of a dead run to the next', async ({ host }) => {
    const { before, agent } = await changing(host, '300.03')
    host.run(`kill -9 $(${dog}) ${agent.pid}`)
    const next = await talkTo(host, 'run-2')
    await next.facts()
    expect(await next.clear()).toBe('cleared')
    expect(sleeping(host, '300.03')).toBe('')
    expect(host.firewall()).toBe(before)
    await next.leave()
  })

  it('of a dead run is succeeded only when all of that run has ended', async ({ host }) => {
    const { before, agent } = await changing(host, '300.05')
    host.run(`kill -9 $(${dog}) ${agent.pid}`)
    // As where a process waits for a disk.
    const vain = (program: string) => program.replace('kill -KILL $living 2>/dev/null', ':')
    const next = await talkTo(host, 'run-2', 'test', 30, vain)
    await next.facts()
    expect(await next.clear()).toMatch(/^failed: processes of an earlier session .* do not end/)
    expect(host.run('ls /run/fw-run/lock')).not.toContain('heir')
    await next.leave()
    const last = await talkTo(host, 'run-3')
    await last.facts()
    expect(await last.clear()).toBe('cleared')
    expect(sleeping(host, '300.05')).toBe('')
    expect(host.firewall()).toBe(before)
    await last.leave()
  })

  it('that died in its rollback leaves no command to the next run', async ({ host }) => {
    const { before, agent } = await changed(host)
    slow(host, '-D', '300.04')
    process.kill(agent.pid, 'SIGKILL')
    await eventually(() => expect(host.run('ls /run/fw-run/lock')).toContain('rolling-back'))
    await eventually(() => expect(sleeping(host, '300.04')).not.toBe(''))
    host.run(`kill -9 $(${dog})`)
    quick(host)
    const next = await talkTo(host, 'run-2')
    await next.facts()
    expect(await next.clear()).toBe('cleared')
    expect(sleeping(host, '300.04')).toBe('')
    expect(host.firewall()).toBe(before)
    await next.leave()
  })

  it('and the agent agree on one decision, however close they come', async () => {
    // Seconds from the change to the commit, where the lease is twelve.
    const outcomes = [0, 11.4, 11.8, 12.2, 12.6, 13, 13.4, 17].map(async (seconds) => {
      const host = await startHost(shells.dash ?? [])
      const { before, agent } = await changed(host, { lease: 12 })
      const applied = host.firewall()
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
      const answer = await agent.commit().catch(() => 'lost')
      await eventually(() => expect(host.leftovers()).toBe(''))
      const now = host.firewall()
      host.stop()
      if (answer === 'committed') expect(now).toBe(applied)
      if (answer === 'rolling-back' || answer === 'gone') expect(now).toBe(before)
      expect([before, applied]).toContain(now)
      return now === before
    })
    expect(new Set(await Promise.all(outcomes))).toEqual(new Set([true, false]))
  })

  it('must run before anything is changed', async ({ host }) => {
    furnish(host, fresh)
    const before = host.firewall()
    host.run('printf "#!/bin/sh\\n" >/usr/local/sbin/setsid; chmod +x /usr/local/sbin/setsid')
    const agent = await talkTo(host)
    const state = await agent.state()
    expect(await agent.apply(state, changesFor(state))).toMatch(
      /^untouched: the watchdog did not start/,
    )
    expect(host.firewall()).toBe(before)
    await agent.leave()
    host.run('rm /usr/local/sbin/setsid')
    expect(host.leftovers()).toBe('')
  })

  it('starts in the lock of an earlier version, whose watchdog signed by a link', async ({
    host,
  }) => {
    furnish(host, fresh)
    const before = host.firewall()
    host.run(`umask 077; mkdir -p /run/fw-run/lock; cd /run/fw-run/lock
      ln -s 'pid 4194999 started 1 session 4194999 run run-0 by x' owner
      ln -s '4194998 1' watchdog`)
    const agent = await talkTo(host)
    const state = await agent.state()
    expect(await agent.apply(state, changesFor(state))).toBe('applied')
    process.kill(agent.pid, 'SIGKILL')
    await comesBack(host, before)
  })

  it('is a service of its own where systemd rules', async ({ host }) => {
    // Stands in for systemd-run, which needs systemd as the first process: it shows what would be asked of it.
    host.run(`mkdir -p /run/systemd/system
      printf '%s\\n' '#!/bin/sh' 'echo "$*" >/run/asked; shift; setsid "$@" </dev/null >/dev/null 2>&1 &' >/usr/local/sbin/systemd-run
      chmod +x /usr/local/sbin/systemd-run`)
    const { before, agent } = await changed(host)
    expect(host.run('cat /run/asked')).toMatch(
      /^--unit=fw-run-watchdog-run-1-\d+-1 \/bin\/sh \/run\/fw-run\/lock\/program watchdog run-1 30 \d+ \d+ \d+$/m,
    )
    // The name of a service that was killed is not free.
    host.run(`kill -9 $(${dog})`)
    await eventually(() => expect(host.run(`ps -o stat= -p $(${dog}) || :`)).toMatch(/^(Z.*)?\n?$/))
    expect(await agent.renew()).toBe('renewed')
    expect(host.run('cat /run/asked')).toMatch(/^--unit=fw-run-watchdog-run-1-\d+-2 /m)
    // One that comes too late is no failed service.
    host.run('sh /run/fw-run/lock/program watchdog run-1 30 1 1 1')
    process.kill(agent.pid, 'SIGKILL')
    await comesBack(host, before)
    host.run('rm -r /run/systemd /run/asked /usr/local/sbin/systemd-run')
  })
})
