import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rounds } from '../rounds.ts'
import { changesFor, talkTo } from './conversation.ts'
import { cases, furnish } from './firewall-cases.ts'
import { type Host, itOnHost, shells, startHost } from './host-in-namespace.ts'

const fresh = cases[0]?.script ?? ''

describe.each(Object.entries(shells))('the lock under %s', (_, command) => {
  let host: Host
  beforeAll(async () => {
    host = await startHost(command)
  })
  afterAll(() => host.stop())

  it('goes to one of many that find a dead owner at the same moment', async () => {
    for (let round = 0; round < rounds(1, 8); round++) {
      furnish(host, fresh)
      host.run(
        `umask 077; rm -rf /run/fw-run; mkdir -p /run/fw-run/lock
         ln -s 'pid 4194999 started 1 session 4194999 run old by x' /run/fw-run/lock/owner`,
      )
      const agents = await Promise.all([1, 2, 3, 4].map(() => talkTo(host, 'run-1')))
      const states = await Promise.all(agents.map((agent) => agent.state()))
      const answers = await Promise.all(
        agents.map((agent, i) => {
          const state = states[i]
          if (!state) throw new Error('no state')
          return agent.apply(state, changesFor(state))
        }),
      )
      expect(answers.filter((answer) => answer === 'applied')).toHaveLength(1)
      expect(answers.filter((answer) => answer.startsWith('locked'))).toHaveLength(3)
      for (const agent of agents) await agent.leave()
      expect(host.leftovers()).toBe('')
    }
  })

  it('is cleared away where an agent died before it had signed it', async () => {
    furnish(host, fresh)
    host.run('umask 077; mkdir -p /run/fw-run/lock')
    const agent = await talkTo(host)
    await agent.facts()
    expect(await agent.rollback()).toBe('rolled-back: already')
    expect(host.run('ls -d /run/fw-run 2>/dev/null || :')).toBe('')
    await agent.leave()
  })

  it('is waited for by the older of two runs, and the younger gives way at once', async () => {
    furnish(host, fresh)
    const older = await talkTo(host, '20260101-000000-aaaa')
    const younger = await talkTo(host, '20260102-000000-bbbb')
    const state = await older.state()
    const same = await younger.state()
    const changes = changesFor(state)
    expect(await older.apply(state, changes)).toBe('applied')
    expect(await younger.apply(same, changes)).toMatch(/^locked: .*20260101-000000-aaaa/)
    expect(await older.rollback()).toBe('rolled-back')
    expect(await younger.apply(same, changes)).toBe('applied')
    const waiting = older.apply(state, changes)
    expect(await younger.rollback()).toBe('rolled-back')
    expect(await waiting).toBe('applied')
    await older.leave()
    await younger.leave()
    expect(host.leftovers()).toBe('')
  })

  it.each([
    [
      'made',
      'umask 077; mkdir /run/fw-run; : >/run/fw-run/lock',
      'rm -r /run/fw-run',
      /^untouched: cannot make \/run\/fw-run\/lock: ./,
    ],
    [
      'signed',
      `umask 077; mkdir -p /run/fw-run/lock; mount --bind /run/fw-run/lock /run/fw-run/lock
       mount -o remount,bind,ro /run/fw-run/lock`,
      'umount /run/fw-run/lock; rm -r /run/fw-run',
      /^untouched: cannot make the link \/run\/fw-run\/lock\/owner: .*Read-only/,
    ],
  ])('changes nothing, and says why, where it cannot be %s', async (_, spoil, mend, why) => {
    furnish(host, fresh)
    const before = host.firewall()
    host.run(`rm -rf /run/fw-run
${spoil}`)
    const agent = await talkTo(host)
    const state = await agent.state()
    const answers = [await agent.apply(state, changesFor(state)), await agent.clear()]
    await agent.leave()
    host.run(mend)
    expect(answers).toEqual([expect.stringMatching(why), expect.stringMatching(/^failed: cannot/)])
    expect(host.firewall()).toBe(before)
  })

  it('that cannot be signed is no fault of a dead watchdog: the next session of the run says why', async () => {
    furnish(host, fresh)
    const before = host.firewall()
    const agent = await talkTo(host)
    const state = await agent.state()
    expect(await agent.apply(state, changesFor(state))).toBe('applied')
    host.run(`kill -9 $(cut -d ' ' -f 1 /run/fw-run/lock/watchdog) ${agent.pid}
      mount --bind /run/fw-run/lock /run/fw-run/lock; mount -o remount,bind,ro /run/fw-run/lock`)
    const next = await talkTo(host)
    await next.facts()
    const answer = await next.rollback()
    host.run('umount /run/fw-run/lock')
    expect(answer).toMatch(/^failed: cannot make the link .*Read-only/)
    expect(await next.rollback()).toBe('rolled-back')
    expect(host.firewall()).toBe(before)
    await next.leave()
  })

  it('whose owner and watchdog are dead costs no process of others that got their numbers, and ends their own', async () => {
    furnish(host, fresh)
    // As a daemon does: what led the session has ended.
    const orphan = (place: string): string =>
      host.run(`cd ${place}; setsid sh -c 'sleep 300.7 >/dev/null 2>&1 & echo $!'; cd /`)
    const session = (pid: string): string => host.run(`ps -o sid= -p ${pid.trim()}`).trim()
    const living = (pid: string): boolean =>
      host.run(`ps -o stat= -p ${pid.trim()} || :`).trim().startsWith('S')
    host.run('umask 077; mkdir -p /run/fw-run/lock')
    const others = [orphan('/'), orphan('/run')]
    const own = [orphan('/run/fw-run/lock'), orphan('/run/fw-run/lock')]
    try {
      for (const [owner, watchdog] of [own, others]) {
        const [led, watched] = [session(owner ?? ''), session(watchdog ?? '')]
        host.run(
          `umask 077; mkdir -p /run/fw-run/lock
           ln -s 'pid ${led} started 1 session ${led} run old by x' /run/fw-run/lock/owner
           echo '${watched} 1' >/run/fw-run/lock/watchdog`,
        )
        const agent = await talkTo(host)
        await agent.facts()
        expect(await agent.clear()).toBe('cleared')
        await agent.leave()
      }
      expect(others.map(living)).toEqual([true, true])
      expect(own.map(living)).toEqual([false, false])
    } finally {
      host.run(`kill -9 ${[...others, ...own].join(' ').replaceAll('\n', ' ')} 2>/dev/null || :`)
    }
  })

  it('that was given back while it was signed is asked for again', async () => {
    furnish(host, fresh)
    const agent = await talkTo(host)
    await agent.facts()
    // Another owner signs just before, and gives it back; a third one makes a new one.
    host.run(
      `cat >/usr/local/sbin/ln; chmod +x /usr/local/sbin/ln`,
      `#!/bin/sh
rm /usr/local/sbin/ln
ln -sn x owner; mv /run/fw-run/lock /run/fw-run/gone.x.4194999; mkdir /run/fw-run/lock
exec ln "$@"
`,
    )
    expect(await agent.clear()).toBe('cleared')
    await agent.leave()
    expect(host.leftovers()).toBe('')
  })

  it('is not waited for for ever', async () => {
    furnish(host, fresh)
    const hasty = (program: string): string => program.replace(/^queue=10$/m, 'queue=1')
    const older = await talkTo(host, '20260101-000000-aaaa', 'test', 30, hasty)
    const younger = await talkTo(host, '20260102-000000-bbbb')
    const state = await older.state()
    const changes = changesFor(state)
    expect(await younger.apply(await younger.state(), changes)).toBe('applied')
    expect(await older.apply(state, changes)).toBe('locked: run 20260102-000000-bbbb by test')
    await older.leave()
    await younger.leave()
  })

  it.each([
    ['is a symbolic link', 'mkdir -p /run/other; ln -s /run/other /run/fw-run'],
    ['belongs to the user with UID 1000', 'mkdir -m 700 /run/fw-run; chown 1000 /run/fw-run'],
    ['belongs to root and has the mode drwx-wx-wx', 'mkdir /run/fw-run; chmod 733 /run/fw-run'],
    ['is not a directory', ': >/run/fw-run'],
  ])('is not looked for in a room that %s', async (what, spoil) => {
    furnish(host, fresh)
    const before = host.firewall()
    host.run(`rm -rf /run/fw-run
      ${spoil}
      [ ! -d /run/fw-run ] || { mkdir /run/fw-run/lock; echo 'rolled-back\tr\tt\tfound' >/run/fw-run/note
        ln -s "pid $$ started 1 session 4194999 run run-9 by x" /run/fw-run/lock/owner; }`)
    const agent = await talkTo(host)
    const facts = await agent.facts()
    const state = await agent.state()
    const answers = [
      await agent.apply(state, changesFor(state)),
      await agent.clear(),
      await agent.rollback(),
    ]
    await agent.leave()
    host.run('rm -rf /run/fw-run /run/other')
    const why = `/run/fw-run ${what}`
    for (const answer of answers) expect(answer).toContain(why)
    expect(answers[0]).toMatch(/^untouched: .*delete \/run\/fw-run there: `rm -r \/run\/fw-run`/)
    expect(facts.untrustedRoom?.reason).toContain(why)
    expect(facts).toMatchObject({ note: undefined, unfinished: undefined, lockHolder: undefined })
    expect(host.firewall()).toBe(before)
  })

  it('is taken over from a version that called a rollback otherwise, and its undo is done', async () => {
    furnish(host, fresh)
    const before = host.firewall()
    const agent = await talkTo(host)
    const state = await agent.state()
    host.run(`umask 077; mkdir -p /run/fw-run/lock
      ln -s 'pid 4194999 started 1 session 4194999 run old by x' /run/fw-run/lock/owner
      printf 'set\tcluster_nodes\tabsent\n' >/run/fw-run/lock/fired.old
      /usr/sbin/ipset create cluster_nodes hash:ip`)
    expect(await agent.clear()).toBe('cleared')
    expect(host.firewall()).toBe(before)
    expect(await agent.apply(state, changesFor(state))).toBe('applied')
    expect(await agent.rollback()).toBe('rolled-back')
    await agent.leave()
    expect(host.leftovers()).toBe('')
  })
})

// For busybox, root may write everywhere.
describe.each(Object.entries(shells).filter(([shell]) => !shell.startsWith('busybox')))(
  'that /run is read-only, under %s,',
  (_, command) => {
    itOnHost(command)('a host says before anything is changed', async ({ host }) => {
      furnish(host, fresh)
      host.run('mount -o remount,ro /run')
      try {
        const agent = await talkTo(host)
        expect((await agent.facts()).untrustedRoom?.reason).toMatch(/^\/run is read-only/)
        const state = await agent.state()
        expect(await agent.apply(state, changesFor(state))).toMatch(/^untouched: .*Read-only/)
        await agent.leave()
      } finally {
        host.run('mount -o remount,rw /run')
      }
    })
  },
)
