import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseNote } from '../../src/agent/host-note.ts'
import { rulesOf } from '../../src/iptables/ruleset.ts'
import type { Change } from '../../src/plan/change.ts'
import { type Conversation, changesFor, talkTo } from './conversation.ts'
import { cases, furnish } from './firewall-cases.ts'
import { type Host, shells, startHost } from './host-in-namespace.ts'

const fresh = cases[0]?.script ?? ''

/** Waits until a host is as it was; fails with what it is instead, far later than any promise. */
async function comesBack(host: Host, before: string): Promise<void> {
  await expect.poll(() => host.firewall(), { timeout: 15_000, interval: 100 }).toBe(before)
  await expect.poll(() => host.leftovers(), { timeout: 5000, interval: 100 }).toBe('')
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

/** Makes iptables wait for 5 seconds before it does what this option asks. */
function slow(host: Host, option: '-I' | '-D'): void {
  host.run(`rm -f /usr/local/sbin/iptables
    printf '%s\\n' '#!/bin/sh' 'case $* in *${option}*) sleep 5.037 ;; esac' 'exec /usr/sbin/iptables-legacy "$@"' >/usr/local/sbin/iptables
    chmod +x /usr/local/sbin/iptables`)
}

/** A host whose agent waits for an iptables that will put the rule there some seconds later. */
async function changing(host: Host): Promise<{ before: string; agent: Conversation }> {
  furnish(host, fresh)
  const before = host.firewall()
  slow(host, '-I')
  const agent = await talkTo(host)
  const state = await agent.state()
  void agent.apply(state, changesFor(state)).catch(() => {})
  await expect.poll(() => host.firewall(), { timeout: 10_000 }).toContain('cluster_nodes')
  return { before, agent }
}

interface Opened {
  readonly script: string
  readonly wanted: Parameters<typeof changesFor>[1]
  readonly lease: number
  readonly run: string
}

const some = cases.filter(({ name }) => /fresh|drifted|removal|comment/.test(name))
/** The processes of a slow iptables. */
const sleeping = 'pgrep -f "slee[p] 5.037" || :'
const dog = 'readlink /run/fw-run/lock/watchdog | cut -d " " -f 1'

describe.each(Object.entries(shells))('the watchdog under %s', (_, command) => {
  let host: Host
  beforeAll(async () => {
    host = await startHost(command)
  })
  afterAll(() => host.stop())

  it.each(some)('rolls back what a killed agent left on $name', async ({ script, wanted }) => {
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

  it('rolls back when nothing was heard from the runner for the lease, and ends the session', async () => {
    const { before, agent } = await changed(host, { lease: 2 })
    await comesBack(host, before)
    expect(parseNote(host.note())).toMatchObject({ cause: { kind: 'unheard', seconds: 2 } })
    await expect(agent.facts()).rejects.toThrow(/SIGKILL/)
  })

  it('leaves a change alone as long as its lease is renewed, and one that is committed for good', async () => {
    const { agent } = await changed(host, { lease: 2 })
    const applied = host.firewall()
    for (let seconds = 0; seconds < 5; seconds++) {
      expect(await agent.renew()).toBe('renewed')
      await new Promise((resolve) => setTimeout(resolve, 1000))
    }
    expect(host.firewall()).toBe(applied)
    const seen = rulesOf((await agent.look()).ruleset, 'filter', 'FORWARD').map(({ raw }) => raw)
    expect(seen.join('\n')).toBe(host.run('iptables -S FORWARD | grep ^-A').trim())
    const watchdog = host.run(dog).trim()
    expect(await agent.commit()).toBe('committed')
    expect(await agent.renew()).toBe('gone')
    await new Promise((resolve) => setTimeout(resolve, 3000))
    expect(host.firewall()).toBe(applied)
    await agent.leave()
    expect(host.run(`ls -d /proc/${watchdog} 2>/dev/null || :`)).toBe('')
    expect(host.leftovers() + host.note()).toBe('')
  })
})

describe('the watchdog', () => {
  let host: Host
  beforeAll(async () => {
    host = await startHost(shells.dash ?? [])
  })
  afterAll(() => host.stop())

  it('ends a command that outlived its agent before it rolls back', async () => {
    const { before, agent } = await changing(host)
    process.kill(agent.pid, 'SIGKILL')
    host.run('ln -sf /usr/sbin/iptables-legacy /usr/local/sbin/iptables')
    await comesBack(host, before)
    await new Promise((resolve) => setTimeout(resolve, 7000))
    expect(host.firewall()).toBe(before)
  }, 40_000)

  it('goes on where the agent could not, while the xtables lock is held', async () => {
    const { before, agent } = await changed(host)
    host.run('(flock 9; sleep 7) 9>/run/xtables.lock >/dev/null 2>&1 & sleep 0.2')
    await agent.leave()
    await comesBack(host, before)
  }, 40_000)

  it('has nothing to tell of a host that was only held', async () => {
    furnish(host, fresh)
    const before = host.firewall()
    const agent = await talkTo(host)
    expect(await agent.apply(await agent.state(), [])).toBe('applied')
    process.kill(agent.pid, 'SIGKILL')
    await comesBack(host, before)
    expect(host.note()).toBe('')
  })

  it('is not needed where the agent is left alone without it', async () => {
    const { before, agent } = await changed(host)
    host.run(`kill -9 $(${dog})`)
    await agent.leave()
    expect(host.firewall()).toBe(before)
    expect(host.leftovers()).toBe('')
  })

  it('clears away after an agent that died when it had committed', async () => {
    const { script, wanted } = cases[2] ?? { script: '', wanted: undefined }
    const { agent } = await changed(host, { script, wanted })
    const applied = host.firewall().replace(/^.*fw-run-aside.*\n/gm, '')
    host.run('mv /run/fw-run/lock/armed.run-1 /run/fw-run/lock/committed.run-1')
    process.kill(agent.pid, 'SIGKILL')
    await comesBack(host, applied)
    expect(host.note()).toBe('')
  })

  it('leaves the undo to the next run when it was killed with its agent', async () => {
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

  it('leaves nothing to tell where its run died before it had changed anything', async () => {
    const { agent } = await changed(host)
    expect(await agent.rollback()).toBe('rolled-back')
    await agent.leave()
    host.run(`mkdir -p /run/fw-run/lock && cd /run/fw-run/lock
      ln -s 'pid 1000000 started 1 session 1000000 run run-1 by test' owner
      printf 'set\\tcluster_nodes\\tabsent\\n' >armed.run-1`)
    const next = await talkTo(host, 'run-2')
    const state = await next.state()
    expect(await next.apply(state, changesFor(state))).toBe('applied')
    expect(await next.commit()).toBe('committed')
    await next.leave()
    expect(host.leftovers() + host.note()).toBe('')
  })

  it('is started anew when it is found dead, before its change is kept', async () => {
    const { before, agent } = await changed(host)
    const first = host.run(dog)
    host.run(`kill -9 ${first}
      while grep -q ') [^Z]' /proc/${first.trim()}/stat 2>/dev/null; do sleep 0.02; done`)
    expect(await agent.renew()).toBe('renewed')
    expect(host.run(dog)).not.toBe(first)
    process.kill(agent.pid, 'SIGKILL')
    await comesBack(host, before)
  })

  it('is not needed where the runner goes away in the middle of a change', async () => {
    const { before, agent } = await changing(host)
    host.run(`kill -9 $(${dog})`)
    agent.hangUp()
    await comesBack(host, before)
    host.run('ln -sf /usr/sbin/iptables-legacy /usr/local/sbin/iptables')
    expect(parseNote(host.note())).toMatchObject({ cause: { kind: 'connection-ended' } })
  }, 40_000)

  it('is gone when the transaction is', async () => {
    const { agent } = await changed(host)
    const watchdog = host.run(dog).trim()
    expect(await agent.rollback()).toBe('rolled-back')
    const state = `cut -d " " -f 3 /proc/${watchdog}/stat 2>/dev/null || echo gone`
    await expect.poll(() => host.run(state), { timeout: 5000 }).toMatch(/^(Z|gone)$/m)
    await agent.leave()
  })

  it('leaves no command of a dead run to the next', async () => {
    const { before, agent } = await changing(host)
    host.run(`kill -9 $(${dog}) ${agent.pid}`)
    const next = await talkTo(host, 'run-2')
    await next.facts()
    expect(await next.clear()).toBe('cleared')
    await new Promise((resolve) => setTimeout(resolve, 5000))
    expect(host.firewall()).toBe(before)
    host.run('ln -sf /usr/sbin/iptables-legacy /usr/local/sbin/iptables')
    await next.leave()
  }, 40_000)

  it('that died in its rollback leaves no command to the next run', async () => {
    const { before, agent } = await changed(host)
    slow(host, '-D')
    process.kill(agent.pid, 'SIGKILL')
    await expect.poll(() => host.run('ls /run/fw-run/lock')).toContain('rolling-back')
    await expect.poll(() => host.run(sleeping)).not.toBe('')
    host.run(`kill -9 $(${dog})`)
    host.run('ln -sf /usr/sbin/iptables-legacy /usr/local/sbin/iptables')
    const next = await talkTo(host, 'run-2')
    await next.facts()
    expect(await next.clear()).toBe('cleared')
    expect(host.run(sleeping)).toBe('')
    expect(host.firewall()).toBe(before)
    await next.leave()
  })

  it('and the agent agree on one decision, however close they come', async () => {
    let rolledBack = 0
    for (let round = 0; round < 8; round++) {
      const { before, agent } = await changed(host, { lease: 3 })
      const applied = host.firewall()
      await new Promise((resolve) => setTimeout(resolve, 1500 + 400 * round))
      const answer = await agent.commit().catch(() => 'lost')
      await new Promise((resolve) => setTimeout(resolve, 2000))
      const now = host.firewall()
      if (answer === 'committed') expect(now).toBe(applied)
      if (answer === 'rolling-back' || answer === 'gone') expect(now).toBe(before)
      expect([before, applied]).toContain(now)
      expect(host.leftovers()).toBe('')
      if (now === before) rolledBack++
    }
    expect(rolledBack).toBeGreaterThan(0)
    expect(rolledBack).toBeLessThan(8)
  }, 90_000)

  it('must run before anything is changed', async () => {
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
  }, 30_000)

  it('is a service of its own where systemd rules', async () => {
    // Stands in for systemd-run, which needs systemd as the first process: it shows what would be asked of it.
    host.run(`mkdir -p /run/systemd/system
      printf '%s\\n' '#!/bin/sh' 'echo "$*" >/run/asked; shift; setsid "$@" </dev/null >/dev/null 2>&1 &' >/usr/local/sbin/systemd-run
      chmod +x /usr/local/sbin/systemd-run`)
    const { before, agent } = await changed(host)
    expect(host.run('cat /run/asked')).toMatch(
      /^--unit=fw-run-watchdog-run-1-\d+ \/bin\/sh \/run\/fw-run\/lock\/program run-1 30$/m,
    )
    process.kill(agent.pid, 'SIGKILL')
    await comesBack(host, before)
    host.run('rm -r /run/systemd /run/asked /usr/local/sbin/systemd-run')
  })
})
