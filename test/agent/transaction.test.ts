import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseNote } from '../../src/agent/host-note.ts'
import { readState } from '../../src/facts/state.ts'
import { intent } from '../plan/host-state.ts'
import { long, rounds } from '../rounds.ts'
import { breakAt, callsMade, firewallAfterEach, mendTools } from './break-at.ts'
import { changesFor, stateOf, talkTo } from './conversation.ts'
import { cases, furnish } from './firewall-cases.ts'
import { type Host, itOnHost, shells, startHost } from './host-in-namespace.ts'
import { quick } from './slow-iptables.ts'

/** The members of our set in what `ipset save` prints, sorted. */
function membersIn(firewall: string): readonly string[] {
  return [...firewall.matchAll(/^add cluster_nodes (\S+)/gm)].map(([, one]) => `${one}`).sort()
}

// The other cases make no call that these do not make; `npm run test:long` breaks the calls of all.
const broken = cases.filter(
  ({ name }) => long || !/empty|without a rule|too far|another action/.test(name),
)
const brokenTwice = broken.filter(({ name }) =>
  (long ? /fresh|drifted set$|empty|too far down|removal/ : /fresh|comment|removal/).test(name),
)

/** Those that together take every step of the program. */
const varied = cases.filter(({ name }) =>
  /fresh|drifted set$|comment|duplicates|removal/.test(name),
)

describe.each(Object.entries(shells))('agent.sh under %s', (shell, command) => {
  let host: Host
  beforeAll(async () => {
    host = await startHost(command)
  })
  afterAll(() => host.stop())

  describe.each(shell === 'dash' || long ? cases : varied)('on $name', ({ script, wanted }) => {
    it('does what was planned, so that nothing is left to do, and leaves nothing else', async () => {
      furnish(host, script)
      const agent = await talkTo(host)
      const state = await agent.state()
      const changes = changesFor(state, wanted)
      expect(changes).not.toEqual([])
      expect(await agent.apply(state, changes)).toBe('applied')
      expect(changesFor(await agent.state(), wanted)).toEqual([])
      expect(await agent.commit()).toBe('committed')
      await agent.leave()
      expect(host.leftovers()).toBe('')
      expect(host.firewall()).not.toContain('fw-run')
      expect(host.firewall()).toContain('of \\"others\\" \\\\ and $(theirs)')
    })

    it('brings everything back to the byte, on rollback and when it is left alone', async () => {
      furnish(host, script)
      const before = host.firewall()
      const agent = await talkTo(host)
      const state = await agent.state()
      const changes = changesFor(state, wanted)
      expect(await agent.apply(state, changes)).toBe('applied')
      expect(host.firewall()).not.toBe(before)
      expect(await agent.rollback()).toBe('rolled-back')
      expect(host.firewall()).toBe(before)
      expect(await agent.apply(state, changes)).toBe('applied')
      await agent.leave()
      expect(host.firewall()).toBe(before)
      expect(host.leftovers()).toBe('')
      expect(parseNote(host.note())).toMatchObject({
        kind: 'rolled-back',
        run: 'run-1',
        cause: { kind: 'connection-ended' },
      })
    })
  })
})

describe.concurrent.each(Object.entries(shells))('a marked copy under %s', (_, command) => {
  itOnHost(command)('that iptables cannot tell of is not blamed on others', async ({ host }) => {
    const { script = '', wanted } = cases.find(({ name }) => name === 'a rule too far down') ?? {}
    furnish(host, script)
    const before = host.firewall()
    const agent = await talkTo(host)
    const state = await agent.state()
    host.run(
      `rm /usr/local/sbin/iptables; cat >/usr/local/sbin/iptables; chmod +x /usr/local/sbin/iptables`,
      held,
    )
    expect(await agent.apply(state, changesFor(state, wanted))).toMatch(
      /^failed: iptables -C FORWARD .* failed with exit code 4: the lock is held$/,
    )
    quick(host)
    expect(await agent.rollback()).toBe('rolled-back')
    expect(host.firewall()).toBe(before)
    await agent.leave()
  })
})

/** An iptables that finds its lock held when it is asked for a marked copy. */
const held = `#!/bin/sh
case $* in *-C*fw-run-moving*) echo the lock is held >&2; exit 4 ;; esac
exec /usr/sbin/iptables-legacy "$@"
`

describe('agent.sh', () => {
  let host: Host
  beforeAll(async () => {
    host = await startHost(shells.dash ?? [])
  })
  afterAll(() => host.stop())

  describe.each(broken)('when a command fails on $name', ({ script, wanted }) => {
    it('brings everything back, whichever command it is', async () => {
      furnish(host, script)
      const before = host.firewall()
      const agent = await talkTo(host)
      const state = await agent.state()
      const changes = changesFor(state, wanted)
      breakAt(host, 0)
      expect(await agent.apply(state, changes)).toBe('applied')
      const calls = callsMade(host)
      expect(await agent.rollback()).toBe('rolled-back')
      for (let at = 1; at <= calls; at++) {
        for (const when of ['before', 'after'] as const) {
          breakAt(host, at, when)
          const answer = await agent.apply(state, changes)
          expect(answer, `call ${at} of ${calls} broken ${when}`).toMatch(/^failed: .*broken for/s)
          expect(await agent.rollback()).toBe('rolled-back')
          expect(host.firewall(), `call ${at} of ${calls} broken ${when}`).toBe(before)
        }
      }
      await agent.leave()
      expect(host.leftovers()).toBe('')
    })
  })

  describe.each(brokenTwice)(
    'when anything fails while it rolls back on $name',
    ({ script, wanted }) => {
      it('never says that it is done while something is left, and comes back in the end', async () => {
        furnish(host, script)
        const before = host.firewall()
        const agent = await talkTo(host)
        const state = await agent.state()
        const changes = changesFor(state, wanted)
        // Usually every second call, which all are of a kind with one beside them.
        for (let at = 1, reached = true; reached; at += rounds(2, 1)) {
          expect(await agent.apply(state, changes)).toBe('applied')
          breakAt(host, at, 'before', 'all')
          const answer = await agent.rollback()
          reached = callsMade(host) >= at
          mendTools(host)
          if (answer === 'rolled-back') expect(host.firewall(), `call ${at}`).toBe(before)
          else expect(answer).toMatch(/^failed: .*(broken for the test|temporary copies)/s)
          expect(await agent.rollback()).toMatch(/^rolled-back/)
          expect(host.firewall(), `call ${at}`).toBe(before)
          expect(host.leftovers()).toBe('')
        }
        await agent.leave()
      })
    },
  )

  it('rolls back what a dead run left before its own, and marks its own copies as its own', async () => {
    furnish(host, cases.find(({ name }) => name === 'a rule too far down')?.script ?? '')
    const before = host.firewall()
    host.run(`umask 077; mkdir -p /run/fw-run/lock; : >/run/fw-run/lock/armed.run-1
      ln -s 'pid 4194999 started 1 session 4194999 run run-1 by x' /run/fw-run/lock/owner`)
    breakAt(host, 0)
    const agent = await talkTo(host, 'run-2')
    const state = await agent.state()
    expect(await agent.apply(state, changesFor(state))).toBe('applied')
    expect(firewallAfterEach(host).join()).toContain('fw-run-moving-run-2')
    expect(firewallAfterEach(host).join()).not.toContain('fw-run-moving-run-1')
    expect(await agent.rollback()).toBe('rolled-back')
    expect(host.firewall()).toBe(before)
    await agent.leave()
  })

  it('takes no step of an undo that a killed agent had not written to its end', async () => {
    furnish(host, cases[0]?.script ?? '')
    const agent = await talkTo(host, 'run-2')
    const state = await agent.state()
    host.run(`umask 077; mkdir -p /run/fw-run/lock
      printf 'set\\tcluster_nodes\\tpresent\\thash:ip family inet\\t192.0.2.1' >/run/fw-run/lock/armed.run-1
      ln -s 'pid 4194999 started 1 session 4194999 run run-1 by x' /run/fw-run/lock/owner`)
    const before = host.firewall()
    expect(await agent.apply(state, changesFor(state))).toBe('applied')
    expect(await agent.rollback()).toBe('rolled-back')
    expect(host.firewall()).toBe(before)
    await agent.leave()
    expect(host.leftovers() + host.note()).toBe('')
  })

  it.each([
    ['the lease of a dead run', ''],
    // What a full /run leaves of the first try.
    ['its own first try', '[ -n "$tried" ] || { tried=yes; : >"$lock/lease"; return 1; }'],
  ])('takes no step of an undo cut short where %s left a lease', async (_, first) => {
    furnish(host, cases[0]?.script ?? '')
    const before = host.firewall()
    host.run(`umask 077; mkdir -p /run/fw-run/lock; cd /run/fw-run/lock
      ln -s 'pid 4194999 started 1 session 4194999 run run-1 by x' owner
      ${first === '' ? 'touch lease lease.0' : ':'}`)
    const half = 'set\\tcluster_nodes\\tpresent\\thash:ip family inet\\t192.0.2.1'
    const dying = (program: string): string =>
      program.replace(
        /^.* "\$2" >"\$lock\/armed\.\$1" &&$/m,
        (line) => `${first}\nprintf "${half}" >"$lock/armed.$1"; kill -9 $$; exit\n${line}`,
      )
    const agent = await talkTo(host, 'run-2', 'test', 30, dying)
    const state = await agent.state()
    await expect(agent.apply(state, changesFor(state))).rejects.toThrow(/SIGKILL/)
    expect(host.run('cat /run/fw-run/lock/armed.run-2')).toMatch(/192\.0\.2\.1$/)
    const next = await talkTo(host, 'run-3')
    await next.facts()
    expect(await next.clear()).toBe('cleared')
    expect(host.firewall()).toBe(before)
    await next.leave()
    expect(host.leftovers() + host.note()).toBe('')
  })

  it.each(['commit', 'rollback', 'clear'] as const)(
    'clears away on %s what an agent left that died while it cleared its lock away',
    async (request) => {
      furnish(host, cases[0]?.script ?? '')
      host.run(
        'umask 077; mkdir -p /run/fw-run/gone.run-1.77; : >/run/fw-run/gone.run-1.77/program',
      )
      const agent = await talkTo(host)
      await agent.facts()
      expect(await agent[request]()).toMatch(/^(gone|rolled-back: already|cleared)$/)
      expect(host.leftovers()).toBe('')
      await agent.leave()
    },
  )

  it.each([
    [
      'lock',
      'x',
      "ln -s 'pid 4194999 started 1 session 4194999 run run-1 by x' /run/fw-run/lock/owner",
    ],
    ['gone.run-1.4194999', '', ': >/run/fw-run/gone.run-1.4194999/program'],
  ])(
    'tells of what a dead run left, if only its %s, and clears it away',
    async (name, who, script) => {
      furnish(host, cases[0]?.script ?? '')
      host.run(`umask 077; mkdir -p /run/fw-run/${name}; ${script}`)
      const agent = await talkTo(host, 'run-2')
      const state = await agent.state()
      expect((await agent.facts()).unfinished).toEqual({ run: 'run-1', who })
      expect(await agent.apply(state, [])).toBe('applied')
      expect((await agent.facts()).unfinished).toBeUndefined()
      expect(await agent.commit()).toBe('committed')
      await agent.leave()
      expect(host.leftovers()).toBe('')
    },
  )

  it('rolls back where /run has become full, and leaves no empty note', async () => {
    furnish(host, cases[0]?.script ?? '')
    const before = host.firewall()
    const agent = await talkTo(host)
    const state = await agent.state()
    expect(await agent.apply(state, changesFor(state))).toBe('applied')
    host.run('mount -o remount,size=256k /run; cat /dev/zero >/run/filling 2>/dev/null || :')
    expect(await agent.rollback()).toBe('rolled-back')
    host.run('test ! -e /run/fw-run/note; rm /run/filling; mount -o remount,size=1g /run')
    expect(host.firewall()).toBe(before)
    await agent.leave()
    expect(host.leftovers()).toBe('')
  })

  it('leaves nothing on the host that another user could read', async () => {
    furnish(host, cases[0]?.script ?? '')
    const agent = await talkTo(host)
    const state = await agent.state()
    expect(await agent.apply(state, changesFor(state))).toBe('applied')
    const open = 'find /run/fw-run ! -type l -perm /077'
    expect(host.run(open)).toBe('')
    await agent.leave()
    expect(parseNote(host.note())).toBeDefined()
    expect(host.run(open)).toBe('')
  })

  it('says nothing of other runs when a new session commits in place of a silent one', async () => {
    furnish(host, cases[0]?.script ?? '')
    const silent = await talkTo(host)
    const state = await silent.state()
    expect(await silent.apply(state, changesFor(state))).toBe('applied')
    const second = await talkTo(host)
    await second.facts()
    expect(await second.commit()).toBe('committed')
    expect(changesFor(await second.state())).toEqual([])
    await second.leave()
    await silent.leave()
    expect(host.leftovers()).toBe('')
  })

  it('carries out no request that comes after a new session has rolled the host back', async () => {
    furnish(host, cases[0]?.script ?? '')
    const before = host.firewall()
    const silent = await talkTo(host)
    const state = await silent.state()
    const second = await talkTo(host)
    const owner = { run: 'run-1', who: 'test' }
    const answer = await second.agent.rollBack(intent.set, owner, silent.agent.process())
    expect(answer).toMatchObject({ kind: 'rolled-back', already: true })
    await expect(silent.apply(state, changesFor(state))).rejects.toThrow('lost')
    expect(host.firewall()).toBe(before)
    // A process with that number that was born at another time is somebody else's.
    const other = await talkTo(host)
    await other.facts()
    const { pid = '', birth = '' } = other.agent.process() ?? {}
    expect(pid).toBe(`${other.pid}`)
    await second.agent.rollBack(intent.set, owner, { pid, birth: `${Number(birth) + 1}` })
    await other.facts()
    await other.leave()
    await second.leave()
    expect(host.leftovers()).toBe('')
  })

  describe.each(cases.filter(({ guarded }) => guarded))('on $name', ({ script, wanted }) => {
    it('keeps a guard and a whole set, the old or the new, at every instant', async () => {
      furnish(host, script)
      const agent = await talkTo(host)
      const state = await agent.state()
      const changes = changesFor(state, wanted)
      breakAt(host, 0)
      const sets = [host.firewall()]
      expect(await agent.apply(state, changes)).toBe('applied')
      sets.push(host.firewall())
      expect(await agent.rollback()).toBe('rolled-back')
      await agent.leave()
      const moments = firewallAfterEach(host)
      expect(moments.length).toBeGreaterThan(0)
      for (const moment of moments) {
        expect(moment).toMatch(
          /^-A FORWARD -i ens18 -m set ! --match-set cluster_nodes src .*-j (REJECT|DROP)/m,
        )
        expect(moment).toMatch(/^create cluster_nodes /m)
        expect(sets.map(membersIn)).toContainEqual(membersIn(moment))
      }
    })
  })

  it('destroys the old set although that fails at first', async () => {
    const drifted = cases.find(({ name }) => name === 'a drifted set')
    furnish(host, drifted?.script ?? '')
    const agent = await talkTo(host)
    const state = await agent.state()
    expect(await agent.apply(state, changesFor(state, drifted?.wanted))).toBe('applied')
    breakAt(host, 1)
    expect(await agent.commit()).toBe('committed')
    mendTools(host)
    await agent.leave()
    expect(host.leftovers()).toBe('')
  })

  it('does nothing and says stale when the chain or the set changed since it was read', async () => {
    for (const meddling of [
      'iptables -A FORWARD -j ACCEPT',
      'iptables -P FORWARD DROP',
      'ipset create cluster_nodes iphash',
    ]) {
      furnish(host, cases[0]?.script ?? '')
      host.run('iptables -P FORWARD ACCEPT')
      const agent = await talkTo(host)
      const state = await agent.state()
      host.run(meddling)
      const before = host.firewall()
      expect(await agent.apply(state, changesFor(state))).toBe('stale')
      expect(host.firewall(), meddling).toBe(before)
      await agent.leave()
      expect(host.firewall(), meddling).toBe(before)
      expect(host.leftovers()).toBe('')
    }
  })

  it('is not stale only because packets were counted', async () => {
    furnish(host, cases[0]?.script ?? '')
    const agent = await talkTo(host)
    const state = await agent.state()
    host.run('iptables -L FORWARD -Z >/dev/null; ipset create other iphash')
    expect(await agent.apply(state, changesFor(state))).toBe('applied')
    await agent.leave()
  })

  it('leaves rules alone that others write in the middle of the transaction', async () => {
    furnish(host, cases[0]?.script ?? '')
    const agent = await talkTo(host)
    const state = await agent.state()
    const changes = changesFor(state)
    expect(await agent.apply(state, changes)).toBe('applied')
    host.run(
      'iptables -I FORWARD 1 -s 203.0.113.1 -j DROP; iptables -D FORWARD -s 10.42.0.0/16 -j ACCEPT',
    )
    const foreign = host.run('iptables -S').replace(/^.*cluster_nodes.*\n/m, '')
    expect(await agent.rollback()).toBe('rolled-back')
    expect(host.run('iptables -S')).toBe(foreign)
    await agent.leave()
  })

  it('rolls back where others have taken out rules that stood before ours', async () => {
    furnish(host, cases.find(({ name }) => name === 'a rule too far down')?.script ?? '')
    const agent = await talkTo(host)
    const state = await agent.state()
    expect(await agent.apply(state, changesFor(state))).toBe('applied')
    host.run(
      'iptables -D FORWARD -s 10.42.0.0/16 -j ACCEPT; iptables -D FORWARD -d 10.42.0.0/16 -j ACCEPT',
    )
    expect(await agent.rollback()).toBe('rolled-back')
    expect(host.run('iptables -S FORWARD | tail -n 1')).toContain('cluster_nodes')
    await agent.leave()
    expect(host.leftovers()).toBe('')
  })

  it('tells the state after an answer in the same answer', async () => {
    furnish(host, cases[0]?.script ?? '')
    const agent = await talkTo(host)
    const state = await agent.state()
    const answer = await agent.agent.rollBack('cluster_nodes', { run: 'r', who: 'w' })
    const after = answer.kind === 'rolled-back' ? stateOf(readState(answer.state)) : undefined
    expect(after).toEqual({ ...state, fingerprint: '' })
    await agent.leave()
  })

  it('removes a set from a host whose filter table was never loaded', async () => {
    const bare = await startHost(shells.dash ?? [])
    bare.run('ipset create cluster_nodes iphash')
    const agent = await talkTo(bare)
    const state = await agent.state()
    const changes = changesFor(state, { kind: 'remove', set: 'cluster_nodes' })
    expect(await agent.apply(state, changes)).toBe('applied')
    expect(await agent.commit()).toBe('committed')
    expect(bare.run('ipset save; cat /proc/net/ip_tables_names')).toBe('')
    await agent.leave()
    bare.stop()
  })
})
