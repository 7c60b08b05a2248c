import { setTimeout as delay } from 'node:timers/promises'
import pLimit from 'p-limit'
import { describe, expect, it, vi } from 'vitest'
import { FwRunError } from '../../src/errors.ts'
import type { RunEvent } from '../../src/events.ts'
import type { Objection } from '../../src/transaction/outcome.ts'
import { type TransactionOptions, transact } from '../../src/transaction/transact.ts'
import { exactSet, forward, guard, hostState } from '../plan/host-state.ts'
import {
  type Answer,
  fit,
  type Script,
  type ScriptedHost,
  scriptedHost,
  well,
} from './scripted-host.ts'

async function run(
  hosts: readonly ScriptedHost[],
  controller = new AbortController(),
  emit = (_: RunEvent): void => {},
  atATime = 2,
  {
    object = async () => [],
    decide = async () => {},
    patience = 0,
    afterInterrupt = 1000,
    grace = 0,
    lease = 0.3,
    next = async () => {},
    waves = [],
  }: Partial<
    Pick<
      TransactionOptions,
      'object' | 'decide' | 'next' | 'patience' | 'afterInterrupt' | 'grace' | 'lease'
    > & { waves: readonly (readonly string[])[] }
  > = {},
) {
  const participants = hosts.map(({ participant }) => participant)
  const result = await transact(
    waves.length > 0
      ? waves.map((names) => participants.filter(({ host }) => names.includes(host)))
      : [participants],
    {
      owner: { run: 'r', who: 'w' },
      atATime: pLimit(atATime),
      patience,
      afterInterrupt,
      grace,
      lease,
      object,
      decide,
      next,
      overtaken: async () => undefined,
      emit,
      signal: controller.signal,
    },
  )
  // A request that nobody scripted costs its host only, so it is looked for here.
  expect(JSON.stringify(result)).not.toContain('nobody scripted')
  expect(result.hosts.map(({ host }) => host)).toEqual(
    hosts.map(({ participant }) => participant.host),
  )
  return {
    kind: result.kind,
    objections: result.objections,
    of: result.hosts.map(({ outcome, fault }) => [outcome.kind, fault?.kind]),
    hosts: result.hosts,
    reached: result.reached,
  }
}

const stale: Answer = { says: 'stale', reads: 'before' }
const spoiled: Answer = { says: 'applied', reads: 'spoiled' }
const again = 'plan again'
const rollsBack = { ...well, rollback: { says: 'rolled-back', reads: 'before' } } as const

describe('transact', () => {
  it('commits when every host has applied and reads as planned', async () => {
    const hosts = ['a', 'b', 'c'].map((name) => scriptedHost(name, well))
    expect(await run(hosts)).toMatchObject({
      kind: 'committed',
      of: Array(3).fill(['committed', undefined]),
    })
    for (const { asked } of hosts) expect(asked).toEqual(['apply', 'commit'])
  })

  it.each([['well'], ['failed']])(
    'leaves no timer behind that would keep fw-run alive: %s',
    async (says) => {
      const timers = vi.spyOn(globalThis, 'setInterval')
      const ended = vi.spyOn(globalThis, 'clearInterval')
      await run([
        scriptedHost(
          'a',
          says === 'well' ? well : { ...rollsBack, apply: { says, reads: 'half' } },
        ),
      ])
      const begun = timers.mock.results.map(({ value }) => value)
      const cleared = ended.mock.calls.map(([timer]) => timer)
      vi.restoreAllMocks()
      expect(begun.length).toBeGreaterThan(0)
      expect(cleared).toEqual(expect.arrayContaining(begun))
    },
  )

  it('commits at once when there is no host', async () => {
    expect(await run([])).toMatchObject({ kind: 'committed', of: [] })
  })

  it.each<[string, Answer, string]>([
    ['fails', { says: 'failed\niptables -I failed', reads: 'half' }, 'failed'],
    ['says what nobody knows', { says: 'what?', reads: 'half' }, 'failed'],
    ['did not come out as planned', { says: 'applied', reads: 'half' }, 'failed'],
    ['cannot be read back', { says: 'applied' }, 'failed'],
    ['has a foreign set of our name', { says: 'applied', reads: 'foreign' }, 'failed'],
  ])('rolls everything back when one host %s', async (_, apply, fault) => {
    const bad = scriptedHost('bad', { ...rollsBack, apply })
    const good = scriptedHost('good', rollsBack)
    expect(await run([good, bad])).toMatchObject({
      kind: 'rolled-back',
      of: [
        ['rolled-back', undefined],
        ['rolled-back', fault],
      ],
    })
    for (const { asked } of [bad, good]) expect(asked).toEqual(['apply', 'rollback'])
  })

  it('does not ask a host to roll back what it never began', async () => {
    const bad = scriptedHost('bad', { apply: { says: 'locked\nr1\nann', reads: 'before' } })
    const good = scriptedHost('good', rollsBack)
    expect(await run([bad, good])).toMatchObject({
      kind: 'rolled-back',
      of: [
        ['untouched', 'locked'],
        ['rolled-back', undefined],
      ],
    })
    expect(bad.asked).toEqual(['apply'])
  })

  it.each<[string, Script, string[]]>([
    ['had been read', { apply: [stale, stale, well.apply] }, ['apply', again, 'apply', again]],
    ['were being changed', { apply: [spoiled, well.apply] }, ['apply', 'rollback', again]],
    [
      'could not be changed',
      { apply: [{ says: 'failed\nIndex of insertion too big', reads: 'spoiled' }, well.apply] },
      ['apply', 'rollback', again],
    ],
  ])(
    'plans a host alone again where another program changed its rules, which %s',
    async (_, script, asked) => {
      const moving = scriptedHost('moving', { ...rollsBack, ...script })
      const good = scriptedHost('good', rollsBack)
      expect(await run([moving, good])).toMatchObject({
        kind: 'committed',
        of: Array(2).fill(['committed', undefined]),
      })
      expect(moving.asked).toEqual([...asked, 'apply', 'commit'])
      expect(good.asked).toEqual(['apply', 'commit'])
    },
  )

  it('gives up on a host that others write to each time', async () => {
    const moving = scriptedHost('moving', { apply: stale })
    const good = scriptedHost('good', rollsBack)
    expect(await run([moving, good])).toMatchObject({
      kind: 'stale',
      of: [
        ['untouched', 'stale'],
        ['rolled-back', undefined],
      ],
    })
    expect(moving.asked.filter((word) => word === again)).toHaveLength(10)
  })

  it('is stale also where another host had nothing to change', async () => {
    const held = scriptedHost('held', rollsBack)
    const idle = { ...held, participant: { ...held.participant, changes: [] } }
    expect(await run([scriptedHost('moving', { apply: stale }), idle])).toMatchObject({
      kind: 'stale',
      of: [
        ['untouched', 'stale'],
        ['untouched', undefined],
      ],
    })
  })

  it('does not plan a host again that could not be rolled back', async () => {
    const script = {
      apply: spoiled,
      rollback: { says: 'failed\nx', reads: 'half' },
    } as const
    const moving = scriptedHost('moving', script)
    expect(await run([moving])).toMatchObject({
      kind: 'rolled-back',
      of: [['incomplete', 'stale']],
    })
    expect(moving.asked).toEqual(['apply', 'rollback', 'rollback'])
  })

  it('carries out the new plan', async () => {
    const moving = scriptedHost('moving', { ...well, apply: [stale, well.apply] })
    await run([moving])
    expect(moving.fingerprints).toEqual(['1 1', fit.before.fingerprint])
  })

  it('lets go of a host while it is planned again, and holds all others', async () => {
    const moving = scriptedHost(
      'moving',
      {
        ...rollsBack,
        apply: [spoiled, spoiled, well.apply],
        renew: { says: 'renewed', reads: 'after' },
      },
      'must not be reopened',
      async () => {
        await delay(250)
        return fit
      },
    )
    const good = scriptedHost('good', { ...rollsBack, renew: { says: 'renewed', reads: 'after' } })
    const result = await run([moving, good])
    expect(result.kind).toBe('committed')
    const round = ['apply', 'rollback', again]
    expect(moving.asked.filter((word) => word !== 'renew')).toEqual([
      ...round,
      ...round,
      'apply',
      'commit',
    ])
    expect(moving.asked.join()).not.toMatch(/(rollback|plan again),renew/)
    expect(good.asked).toContain('renew')
  })

  it('has not touched a host on which nothing is left to do', async () => {
    const moving = scriptedHost(
      'moving',
      { ...well, apply: [stale, well.apply] },
      'must not be reopened',
      async () => ({ ...fit, before: hostState(forward([4, guard]), exactSet), changes: [] }),
    )
    expect(await run([moving, scriptedHost('good', well)])).toMatchObject({
      kind: 'committed',
      of: [
        ['untouched', undefined],
        ['committed', undefined],
      ],
    })
  })

  it.each<[string, Answer, string]>([
    ['before it was changed', stale, 'untouched'],
    ['while it was changed', spoiled, 'rolled-back'],
  ])(
    'rolls everything back when others have made a host unfit for the change %s',
    async (_, apply, outcome) => {
      const unfit = async () => ({ kind: 'unfit', reason: 'no place is good' }) as const
      const script = { ...rollsBack, apply }
      const moving = scriptedHost('moving', script, 'must not be reopened', unfit)
      const good = scriptedHost('good', rollsBack)
      expect(await run([moving, good])).toMatchObject({
        kind: 'rolled-back',
        of: [
          [outcome, 'unfit'],
          ['rolled-back', undefined],
        ],
      })
      expect(moving.asked.at(-1)).toBe(again)
    },
  )

  it.each<[string, Answer, string[]]>([
    ['was not changed', stale, ['untouched']],
    ['was rolled back', spoiled, ['rolled-back', 'stale']],
  ])(
    'begins nothing new on a host that %s, once interrupted',
    async (_, apply, [outcome, fault]) => {
      const controller = new AbortController()
      const events: RunEvent[] = []
      const moving = scriptedHost(
        'moving',
        { ...rollsBack, apply },
        'must not be reopened',
        async () => {
          controller.abort()
          return fit
        },
      )
      const result = await run([moving], controller, (event) => events.push(event))
      expect(result).toMatchObject({ kind: 'interrupted', of: [[outcome, fault]] })
      expect(moving.asked.at(-1)).toBe(again)
      expect(events).not.toContainEqual(expect.objectContaining({ kind: 'host-done', ok: true }))
    },
  )

  it('rolls the others back soon after an interruption, though one host never answers to its apply', async () => {
    const controller = new AbortController()
    const silent = scriptedHost(
      'silent',
      { apply: 'silent', 'again rollback': { says: 'rolled-back', reads: 'before' } },
      'reopens',
    )
    const good = scriptedHost('good', rollsBack)
    const events: RunEvent[] = []
    const emit = (event: RunEvent): void => {
      events.push(event)
      if (event.kind === 'host-done' && event.host === 'good') controller.abort()
    }
    const result = await run([silent, good], controller, emit, 2, { afterInterrupt: 50 })
    expect(result).toMatchObject({
      kind: 'interrupted',
      of: [
        ['rolled-back', 'lost'],
        ['rolled-back', undefined],
      ],
    })
    expect(result.hosts[0]?.fault?.reason).toContain('the run was interrupted')
    expect(silent.asked).toEqual(['apply', 'end', 'again rollback', 'again end'])
  })

  it.each(['a no', 'Ctrl-C', 'Ctrl-C while it is read again'])(
    'rolls the others back after %s, though one host never answers to the look before the decision',
    async (what) => {
      const controller = new AbortController()
      const renew: readonly Answer[] = [{ says: 'renewed', reads: 'after' }, 'silent']
      const silent = scriptedHost('silent', { ...rollsBack, renew }, 'reopens')
      const good = scriptedHost('good', rollsBack)
      const object = async (): Promise<readonly Objection[]> => {
        await vi.waitUntil(() => silent.asked.filter((one) => one === 'renew').length > 1)
        // Longer than its lease: from then on it is read again.
        await delay(300)
        if (what === 'a no') return [{ kind: 'unconfirmed', reason: 'no' }]
        if (what === 'Ctrl-C') controller.abort()
        else setTimeout(() => controller.abort(), 50)
        return []
      }
      void run([silent, good], controller, undefined, 1, { object, afterInterrupt: 50 })
      await expect.poll(() => good.asked).toContain('rollback')
    },
  )

  it('rolls the others back at once, though hosts that are told before them never answer', async () => {
    const silent = scriptedHost('silent', { ...well, rollback: 'silent' }, 'reopens')
    const good = scriptedHost('good', rollsBack)
    const object = async (): Promise<readonly Objection[]> => [
      { kind: 'unconfirmed', reason: 'no' },
    ]
    const done: string[] = []
    const emit = (event: RunEvent): void => {
      if (event.kind === 'host-done' && event.phase === 'rollback') done.push(event.host)
    }
    void run([silent, good], undefined, emit, 1, { object })
    await expect.poll(() => done).toEqual(['good'])
    expect(silent.asked.at(-1)).toBe('rollback')
  })

  it('does not hold up the others by a host that is lost while it is rolled back', async () => {
    const moving = scriptedHost(
      'moving',
      {
        apply: spoiled,
        rollback: 'lost',
        'again rollback': { says: 'rolled-back', reads: 'before' },
      },
      'reopens',
    )
    const good = scriptedHost('good', rollsBack)
    expect(await run([moving, good])).toMatchObject({
      kind: 'stale',
      of: [
        ['rolled-back', 'stale'],
        ['rolled-back', undefined],
      ],
    })
    expect(moving.asked).toEqual(['apply', 'rollback', 'again rollback', 'again end'])
  })

  it('stops planning a host again once another has failed', async () => {
    const bad = scriptedHost('bad', { ...rollsBack, apply: { says: 'untouched\nno room' } })
    const moving = scriptedHost('moving', { apply: stale })
    expect(await run([bad, moving])).toMatchObject({
      kind: 'rolled-back',
      of: [
        ['untouched', 'failed'],
        ['untouched', undefined],
      ],
    })
    expect(moving.asked.length).toBeLessThan(6)
  })

  it.each<[string, Answer, RegExp]>([
    ['cannot be read', { says: 'rolled-back' }, /iptables-save gave no answer/],
    ['is not as before', { says: 'rolled-back', reads: 'after' }, /cluster_nodes/],
    ['says so', { says: 'failed\nno room', reads: 'after' }, /^no room$/],
  ])(
    'never says that a host is as before that %s after its rollback',
    async (_, rollback, left) => {
      const bad = scriptedHost('bad', { ...rollsBack, rollback, apply: { says: 'what?' } })
      const result = await run([bad])
      expect(result.hosts[0]?.outcome).toMatchObject({
        kind: 'incomplete',
        left: expect.stringMatching(left),
        remedy: expect.stringContaining('fw-run recover'),
      })
    },
  )

  it('is more than stale when a rollback failed', async () => {
    const left = scriptedHost('c', { ...rollsBack, rollback: { says: 'failed\nx', reads: 'half' } })
    expect(await run([scriptedHost('d', { apply: stale }), left])).toMatchObject({
      kind: 'rolled-back',
      of: [
        ['untouched', 'stale'],
        ['incomplete', undefined],
      ],
    })
  })

  it('finishes the rollback of a lost host in a new session, and ends that', async () => {
    const script = {
      apply: 'lost',
      'again rollback': { says: 'rolled-back', reads: 'before' },
    } as const
    const lost = scriptedHost('lost', script, 'reopens')
    expect(await run([lost, scriptedHost('good', rollsBack)])).toMatchObject({
      kind: 'rolled-back',
      of: [
        ['rolled-back', 'lost'],
        ['rolled-back', undefined],
      ],
    })
    expect(lost.asked).toEqual(['apply', 'again rollback', 'again end'])
    expect(lost.silent()).toEqual(['4711 99'])
  })

  it.each([
    ['after', 'another run or program changed this host (the rules of fw-run'],
    ['nothing', 'fw-run could not read this host ('],
  ] as const)(
    'does not blame itself for what came after a host had rolled back: it reads %s',
    async (reads, why) => {
      const says = 'already\nrolled-back\tr1\t2026-11-23T05:00:00Z\tsession-ended'
      const script = { apply: 'lost', 'again rollback': { says, reads } } as const
      const lost = scriptedHost('lost', script, 'reopens')
      const result = await run([lost, scriptedHost('good', rollsBack)])
      expect(result.of).toEqual([
        ['rolled-back', 'lost'],
        ['rolled-back', undefined],
      ])
      expect(result.hosts[0]?.fault?.reason).toContain(
        `the link was cut; the host rolled the change back at 2026-11-23T05:00:00Z, because the session of fw-run had ended; after its rollback, ${why}`,
      )
    },
  )

  it.each([
    [
      'after',
      'The host was rebooted, or another run or program changed it. To protect the hosts, run `fw-run apply`',
    ],
    ['nothing', 'fw-run could not check that. Remove the cause on that host'],
  ] as const)(
    'does not say that a host is as before which knows nothing of this run any more, as after a reboot: it reads %s',
    async (reads, remedy) => {
      const script = { apply: 'lost', 'again rollback': { says: 'already', reads } } as const
      const lost = scriptedHost('lost', script, 'reopens')
      const changes = lost.participant.changes.slice(0, 1)
      const one = { ...lost, participant: { ...lost.participant, changes } }
      const result = await run([one, scriptedHost('good', rollsBack)])
      expect(result.of).toEqual([
        ['incomplete', 'lost'],
        ['rolled-back', undefined],
      ])
      expect(result.hosts[0]?.outcome).toMatchObject({ remedy: expect.stringContaining(remedy) })
    },
  )

  it.each([
    ['after', 'but another run or program changed it, or it was rebooted (the rules of fw-run'],
    ['nothing', 'but fw-run could not read it again ('],
  ] as const)(
    'does not take the change of others for its own where a host had nothing to change: it reads %s',
    async (reads, why) => {
      const script = { apply: 'lost', 'again rollback': { says: 'already', reads } } as const
      const lost = scriptedHost('lost', script, 'reopens')
      const held = { ...lost, participant: { ...lost.participant, changes: [] } }
      const result = await run([held, scriptedHost('good', rollsBack)])
      expect(result.of).toEqual([
        ['untouched', 'lost'],
        ['rolled-back', undefined],
      ])
      expect(result.hosts[0]?.fault?.reason).toContain(
        `the link was cut; this run changed nothing on this host, ${why}`,
      )
    },
  )

  it.each([
    ['after', /Correct by hand what is named above\./, false],
    ['nothing', /could not check that\. Remove the cause on that host/, true],
  ] as const)(
    'says what to do on a host that has rolled back and reads %s',
    async (reads, remedy, unseen) => {
      const bad = {
        ...rollsBack,
        apply: { says: 'failed\nno' },
        rollback: { says: 'rolled-back', reads },
      } as const
      const result = await run([scriptedHost('bad', bad), scriptedHost('good', rollsBack)])
      const outcome = result.hosts[0]?.outcome
      expect(outcome).toMatchObject({
        kind: 'incomplete',
        remedy: expect.stringMatching(remedy),
      })
      expect(outcome && 'unseen' in outcome).toBe(unseen)
    },
  )

  it('tries a lost host for longer than its lease, because it may be busy with its rollback', async () => {
    const script = {
      apply: 'lost',
      'again rollback': ['lost', { says: 'rolled-back', reads: 'before' }],
    } as const
    const lost = scriptedHost('lost', script, 'reopens')
    const result = await run([lost], undefined, undefined, 2, { grace: 2000 })
    expect(result.of).toEqual([['rolled-back', 'lost']])
  })

  it.each<[string, Parameters<typeof scriptedHost>[1], Parameters<typeof scriptedHost>[2]]>([
    ['it cannot be reached again', { apply: 'lost' }, 'is unreachable'],
    ['its second session is lost as well', { apply: 'lost', 'again rollback': 'lost' }, 'reopens'],
  ])('says that a host may not be as it was when %s', async (_, script, reopens) => {
    const lost = scriptedHost('lost', script, reopens)
    const result = await run([lost, scriptedHost('good', rollsBack)])
    expect(result).toMatchObject({
      kind: 'rolled-back',
      of: [
        ['incomplete', 'lost'],
        ['rolled-back', undefined],
      ],
    })
    expect(result.hosts[0]?.outcome).toMatchObject({
      left: expect.stringMatching(
        /fw-run could not check that the host is as before: .*(no route|cut)/,
      ),
      remedy: expect.stringContaining('fw-run recover'),
    })
  })

  it('finds in a new session that a commit was done whose answer was lost', async () => {
    const script = {
      ...well,
      commit: 'lost',
      'again facts': { says: '', reads: 'after' },
      'again commit': { says: 'gone' },
      'again rollback': { says: 'rolled-back' },
    } as const
    const hosts = [scriptedHost('bad', script, 'reopens'), scriptedHost('good', well)]
    expect(await run(hosts)).toMatchObject({
      kind: 'committed',
      of: Array(2).fill(['committed', undefined]),
    })
  })

  it('waits for a host that still rolls back by itself, and asks again', async () => {
    const script = {
      apply: 'lost',
      'again rollback': [{ says: 'busy\nslow' }, { says: 'rolled-back', reads: 'before' }],
    } as const
    const bad = scriptedHost('bad', script, 'reopens')
    expect(await run([bad])).toMatchObject({ of: [['rolled-back', 'lost']] })
    const never = scriptedHost(
      'never',
      { ...script, 'again rollback': { says: 'busy\nslow' } },
      'reopens',
    )
    const { hosts } = await run([never])
    expect(hosts[0]?.outcome).toMatchObject({ kind: 'incomplete', unseen: true })
  })

  it('brings forward in a new session a host that rolled back instead of committing', async () => {
    const bad = scriptedHost(
      'bad',
      {
        ...well,
        commit: 'lost',
        'again facts': { says: '', reads: 'before' },
        'again commit': [{ says: 'rolling-back' }, { says: 'committed' }],
        'again rollback': { says: 'rolled-back' },
        'again apply': { says: 'applied', reads: 'after' },
      },
      'reopens',
    )
    expect(await run([bad, scriptedHost('good', well)])).toMatchObject({
      kind: 'committed',
      of: Array(2).fill(['committed', undefined]),
    })
    expect(bad.committed()).toBe(true)
  })

  it.each<[string, Script]>([
    ['does not apply', { 'again apply': { says: 'failed\nno room', reads: 'half' } }],
    [
      'does not commit',
      {
        'again apply': { says: 'applied', reads: 'after' },
        'again commit': [{ says: 'gone' }, { says: 'gone' }],
      },
    ],
    ['cannot be read', { 'again facts': { says: '' } }],
    ['cannot be planned', { 'again facts': { says: '', reads: 'foreign' } }],
    ['does not roll back', { 'again rollback': { says: 'failed\nlocked' } }],
  ])(
    'never says that a host has the change that %s when it is brought forward',
    async (_, script) => {
      const bad = scriptedHost(
        'bad',
        {
          ...{ ...well, commit: 'lost', 'again commit': { says: 'gone' } },
          'again rollback': { says: 'already' },
          'again facts': { says: '', reads: 'before' },
          ...script,
        },
        'reopens',
      )
      expect(await run([bad, scriptedHost('good', well)])).toMatchObject({
        kind: 'committed',
        of: [
          ['incomplete', 'failed'],
          ['committed', undefined],
        ],
      })
    },
  )

  it('commits in a new session what a silent session still holds', async () => {
    const script = {
      ...well,
      commit: 'lost',
      'again commit': { says: 'committed' },
    } as const
    const bad = scriptedHost('bad', script, 'reopens')
    expect(await run([bad])).toMatchObject({ kind: 'committed', of: [['committed', undefined]] })
    expect(bad.asked).toEqual(['apply', 'commit', 'again commit', 'again end'])
  })

  it('asks a host nothing more that was told to commit', async () => {
    const renew = { says: 'renewed', reads: 'after' } as const
    const slow = scriptedHost('slow', { ...well, commit: { says: 'committed', takes: 300 }, renew })
    expect(await run([slow])).toMatchObject({ kind: 'committed' })
    expect(slow.asked.slice(slow.asked.indexOf('commit'))).toEqual(['commit'])
  })

  it('rolls everything back when something speaks against keeping it', async () => {
    const objection = { kind: 'probe', reason: 'the site is down' } as const
    const hosts = ['a', 'b'].map((name) => scriptedHost(name, rollsBack))
    const result = await run(hosts, undefined, undefined, 2, { object: async () => [objection] })
    expect(result).toMatchObject({
      kind: 'rolled-back',
      objections: [objection],
      of: Array(2).fill(['rolled-back', undefined]),
    })
    for (const { asked } of hosts) expect(asked).toEqual(['apply', 'rollback'])
  })

  it('rolls everything back when the decision cannot be written down', async () => {
    const decide = () => Promise.reject(new Error('no space left on device'))
    const host = scriptedHost('a', rollsBack)
    const result = await run([host], undefined, undefined, 2, { decide })
    expect(result).toMatchObject({
      kind: 'rolled-back',
      objections: [{ kind: 'journal', reason: expect.stringContaining('no space left') }],
    })
    expect(host.committed()).toBe(false)
  })

  it('rolls everything back, and objects to nothing, where it is interrupted before the decision itself is written down', async () => {
    const controller = new AbortController()
    const decide = async () => {
      controller.abort()
      throw new FwRunError('interrupted', 'Interrupted.')
    }
    const host = scriptedHost('a', rollsBack)
    expect(await run([host], controller, undefined, 2, { decide })).toMatchObject({
      ...{ kind: 'interrupted', objections: [], of: [['rolled-back', undefined]] },
    })
    expect(host.committed()).toBe(false)
  })

  it('is not interrupted any more once the decision is being written down', async () => {
    const controller = new AbortController()
    const decide = async () => controller.abort()
    const host = scriptedHost('a', well)
    expect(await run([host], controller, undefined, 2, { decide })).toMatchObject({
      kind: 'committed',
      of: [['committed', undefined]],
    })
  })

  it('keeps the lease of a host that failed until the others have answered, so that it does not roll back alone', async () => {
    const renew = { says: 'renewed', reads: 'half' } as const
    const broken = scriptedHost('broken', {
      ...rollsBack,
      apply: { says: 'failed', reads: 'half' },
      renew,
    })
    const slow = scriptedHost('slow', { ...rollsBack, apply: { ...well.apply, takes: 400 } })
    expect((await run([broken, slow])).kind).toBe('rolled-back')
    expect(broken.asked.slice(0, 2)).toEqual(['apply', 'renew'])
    expect(broken.asked.at(-1)).toBe('rollback')
  })

  it('rolls everything back when a host gave up on a runner that was asleep', async () => {
    const asleep = scriptedHost('asleep', { ...rollsBack, renew: { says: 'rolling-back' } })
    const good = scriptedHost('good', { ...rollsBack, renew: { says: 'renewed', reads: 'after' } })
    // It ends only when the host has said so. On a busy machine that may come before anybody is asked.
    const object = (signal: AbortSignal): Promise<readonly Objection[]> =>
      new Promise((resolve) => {
        if (signal.aborted) resolve([])
        else signal.addEventListener('abort', () => resolve([]))
      })
    const result = await run([asleep, good], undefined, undefined, 2, { object })
    expect(result).toMatchObject({
      kind: 'rolled-back',
      of: [
        ['rolled-back', 'unheard'],
        ['rolled-back', undefined],
      ],
    })
    expect(result.hosts[0]?.fault?.reason).toContain('the host rolled its change back')
    expect([asleep, good].map(({ committed }) => committed())).toEqual([false, false])
  })

  it.each<[string, Answer, string, RegExp]>([
    [
      'its rule',
      { says: 'renewed', reads: 'removed' },
      'stale',
      /the rule of fw-run is not as planned/,
    ],
    [
      'its set',
      { says: 'renewed', reads: 'before' },
      'failed',
      /the set and the rule of fw-run are not as planned/,
    ],
  ])(
    'reads every host again that has waited long for the decision, and rolls all back if somebody has removed %s by hand',
    async (_, renew, fault, reason) => {
      const removed = scriptedHost('removed', { ...rollsBack, renew })
      const good = scriptedHost('good', {
        ...rollsBack,
        renew: { says: 'renewed', reads: 'after' },
      })
      const object = async () => {
        await delay(150)
        return []
      }
      const result = await run([removed, good], undefined, undefined, 2, { object })
      expect(result.of).toEqual([
        ['rolled-back', fault],
        ['rolled-back', undefined],
      ])
      expect(result.hosts[0]?.fault).toMatchObject({
        step: 'hold',
        reason: expect.stringMatching(reason),
      })
      expect([removed, good].map(({ committed }) => committed())).toEqual([false, false])
    },
  )

  it('keeps trying where a host could not commit, and rolls nothing back there', async () => {
    const cannot = { says: 'failed\ncannot commit: mv: No space left on device' }
    const script = {
      ...well,
      commit: cannot,
      'again commit': [cannot, { says: 'committed' }],
    }
    const full = scriptedHost('full', script, 'reopens')
    const result = await run([full], undefined, undefined, 2, { patience: 3000 })
    expect(result.of).toEqual([['committed', undefined]])
    expect(full.asked.filter((word) => word.includes('rollback'))).toEqual([])
  })

  it.each<[string, Answer, string, RegExp]>([
    ['is lost', 'lost', 'lost', /the link was cut/],
    ['has rolled back', { says: 'rolling-back' }, 'failed', /had already rolled its change back/],
    ['knows nothing of it', { says: 'gone' }, 'failed', /rolled back, or was rebooted/],
    [
      'cannot commit',
      { says: 'failed\ncannot commit: mv: Read-only file system' },
      'failed',
      /cannot commit: mv: Read-only file system$/,
    ],
  ])(
    'does not take a host for committed that %s at the commit and is not to be reached again, nor rolls the others back',
    async (_, commit, fault, left) => {
      const bad = scriptedHost('bad', { ...well, commit }, 'is unreachable')
      const result = await run([bad, scriptedHost('good', well)])
      expect(result).toMatchObject({
        kind: 'committed',
        of: [
          ['incomplete', fault],
          ['committed', undefined],
        ],
      })
      expect(result.hosts[0]?.outcome).toMatchObject({
        left: expect.stringMatching(/did not confirm/),
      })
      expect(result.hosts[0]?.outcome).toMatchObject({ left: expect.stringMatching(left) })
    },
  )

  it.each<['is lost at the commit' | 'is lost when the others are rolled back', Script]>([
    ['is lost at the commit', well],
    ['is lost when the others are rolled back', { ...rollsBack, apply: { says: 'untouched\nno' } }],
  ])(
    'does not send to recover, which knows nothing of it, where a host had nothing to change and %s',
    async (_, script) => {
      const idle = scriptedHost(
        'idle',
        { ...well, commit: 'lost', rollback: 'lost' },
        'is unreachable',
      )
      const held = { ...idle, participant: { ...idle.participant, changes: [] } }
      const { hosts } = await run([held, scriptedHost('other', script)])
      expect(hosts[0]?.outcome).toMatchObject({
        kind: 'incomplete',
        remedy: expect.stringMatching(/nothing to change on this host\. .*`fw-run status`/),
      })
      expect(hosts[0]?.outcome).not.toMatchObject({ remedy: expect.stringMatching(/recover/) })
    },
  )

  it('commits nowhere when a session ends after its host has applied', async () => {
    const bad = scriptedHost('bad', { ...rollsBack, apply: { says: 'applied', reads: 'after' } })
    const leaver = {
      ...bad,
      participant: {
        ...bad.participant,
        agent: { ...bad.participant.agent, lost: () => 'killed' },
      },
    }
    const good = scriptedHost('good', rollsBack)
    expect(await run([leaver, good])).toMatchObject({ kind: 'rolled-back' })
    expect([bad, good].map(({ committed }) => committed())).toEqual([false, false])
  })

  it('does not begin with hosts that wait their turn once one has failed or the run is interrupted', async () => {
    const bad = scriptedHost('bad', { ...rollsBack, apply: { says: 'untouched\nno room' } })
    const waiting = scriptedHost('waiting', {})
    const result = await run([bad, waiting], undefined, undefined, 1)
    expect(result).toMatchObject({
      kind: 'rolled-back',
      of: [
        ['untouched', 'failed'],
        ['untouched', undefined],
      ],
    })
    expect([...bad.asked, ...waiting.asked]).toEqual(['apply'])
  })

  it('commits nowhere unless all hosts are ready, whichever host fails at whichever step', async () => {
    const faults: readonly [string, Answer][] = [
      ['apply', 'lost'],
      ['apply', { says: 'failed\nx', reads: 'half' }],
      ['apply', { says: 'stale', reads: 'before' }],
      ['apply', { says: 'locked\nx', reads: 'before' }],
      ['apply', { says: 'applied', reads: 'half' }],
      ['apply', { says: '', reads: 'nothing' }],
    ]
    for (const [step, answer] of faults) {
      for (const second of [
        'lost',
        { says: 'failed\ny', reads: 'half' },
        rollsBack.rollback,
      ] as const) {
        for (let victim = 0; victim < 3; victim++) {
          const hosts = ['a', 'b', 'c'].map((name, i) =>
            i === victim
              ? scriptedHost(
                  name,
                  {
                    ...rollsBack,
                    [step]: answer,
                    rollback: second,
                    'again rollback': second,
                  },
                  'reopens',
                )
              : scriptedHost(name, rollsBack),
          )
          const result = await run(hosts)
          expect(hosts.map(({ committed }) => committed())).toEqual([false, false, false])
          expect(result.kind).not.toBe('committed')
          const others = result.hosts.filter((_, i) => i !== victim)
          for (const { outcome } of others)
            expect(outcome.kind).toMatch(/^(rolled-back|untouched)$/)
        }
      }
    }
  })

  it('tells of each phase and each host in it, with the reason of a fault', async () => {
    const events: RunEvent[] = []
    const bad = scriptedHost('bad', {
      ...rollsBack,
      apply: { says: 'failed\nno room', reads: 'half' },
    })
    await run([bad, scriptedHost('good', rollsBack)], undefined, (event) => void events.push(event))
    const names = ['bad', 'good']
    expect(events).toEqual([
      { kind: 'phase-started', phase: 'apply', hosts: 2, names },
      { kind: 'host-done', phase: 'apply', host: 'bad', ok: false, detail: 'no room' },
      { kind: 'host-done', phase: 'apply', host: 'good', ok: true },
      { kind: 'phase-ended', phase: 'apply' },
      { kind: 'phase-started', phase: 'rollback', hosts: 2, names },
      { kind: 'host-done', phase: 'rollback', host: 'bad', ok: true },
      { kind: 'host-done', phase: 'rollback', host: 'good', ok: true },
      { kind: 'phase-ended', phase: 'rollback' },
    ])
  })

  it('tells of no rollback where no host was changed', async () => {
    const events: RunEvent[] = []
    const held = scriptedHost('held', { apply: { says: 'locked\nr1\nann', reads: 'before' } })
    await run([held], undefined, (event) => void events.push(event))
    const phases = events.flatMap((event) => (event.kind === 'phase-started' ? event.phase : []))
    expect(phases).toEqual(['apply'])
  })
})

describe('transact in waves', () => {
  const waves = [['a'], ['b', 'c'], ['d']]
  const names = waves.flat()
  const allWell = () => names.map((name) => scriptedHost(name, rollsBack))
  const askedOf = (hosts: readonly ScriptedHost[]) =>
    hosts.map(({ asked }) => asked.filter((word) => word !== 'renew').join(' '))
  const later = `${again} apply`
  const applyOf = (host: string): string => (host === 'a' ? 'apply' : later)
  const inThem = (
    hosts: readonly ScriptedHost[],
    given: Parameters<typeof run>[4] = {},
    controller?: AbortController,
  ) => run(hosts, controller, undefined, 2, { waves, ...given })

  it('proves each wave before the next one is told anything, and commits all at the end', async () => {
    const hosts = allWell()
    const seen: string[] = []
    const result = await inThem(hosts, {
      next: async (wave) => void seen.push(`next ${wave}: ${askedOf(hosts)}`),
      object: async (_, wave) => {
        seen.push(`${wave}: ${askedOf(hosts)}`)
        return []
      },
      decide: async () => void seen.push('decided'),
    })
    expect(seen).toEqual([
      '0: apply,,,',
      `next 1: apply,${again},${again},`,
      `1: apply,${later},${later},`,
      `next 2: apply,${later},${later},${again}`,
      `2: apply,${later},${later},${later}`,
      'decided',
    ])
    expect(result).toMatchObject({ kind: 'committed', reached: 3 })
    expect(askedOf(hosts)).toEqual(names.map((one) => `${applyOf(one)} commit`))
    // By the new plan, not by the one that is as old as the run.
    expect(hosts.map(({ fingerprints }) => fingerprints)).toEqual([
      ['1 1'],
      ['3 3'],
      ['3 3'],
      ['3 3'],
    ])
  })

  it.each([0, 1, 2])(
    'rolls back all waves so far, and no other, on an objection in wave %i',
    async (bad) => {
      const hosts = allWell()
      const objection = { kind: 'probe', reason: 'it fails' } as const
      const decide = vi.fn(async () => {})
      const result = await inThem(hosts, {
        object: async (_, wave) => (wave === bad ? [objection] : []),
        decide,
      })
      expect(result).toMatchObject({
        kind: 'rolled-back',
        reached: bad + 1,
        objections: [objection],
      })
      const begun = waves.slice(0, bad + 1).flat()
      expect(askedOf(hosts)).toEqual(
        names.map((one) => (begun.includes(one) ? `${applyOf(one)} rollback` : '')),
      )
      expect(result.of).toEqual(
        names.map((one) => [begun.includes(one) ? 'rolled-back' : 'untouched', undefined]),
      )
      expect(decide).not.toHaveBeenCalled()
    },
  )

  it.each<[string, Answer]>([
    ['fails', { says: 'failed\nno room', reads: 'half' }],
    ['is lost', 'lost'],
    ['is held by another run', { says: 'locked\nr1\nann', reads: 'before' }],
  ])('rolls back all waves so far if a host of a later one %s', async (_, apply) => {
    const hosts = allWell()
    const script = { ...rollsBack, apply, 'again rollback': rollsBack.rollback }
    hosts[2] = scriptedHost('c', script, 'reopens')
    const result = await inThem(hosts)
    expect(result).toMatchObject({ kind: 'rolled-back', reached: 2 })
    expect(askedOf(hosts)[0]).toBe('apply rollback')
    expect(askedOf(hosts)[3]).toBe('')
    expect(hosts.map(({ committed }) => committed())).toEqual(names.map(() => false))
  })

  it.each([
    ['is not ready any more', 'unfit'],
    ['is lost', 'lost'],
  ] as const)(
    'changes no host of a wave if one of it %s when it is read again',
    async (_, kind) => {
      const hosts = allWell()
      hosts[2] = scriptedHost('c', {}, 'must not be reopened', async () => ({
        kind,
        reason: 'why',
      }))
      const next = vi.fn(async () => {})
      const result = await inThem(hosts, { next })
      expect(result).toMatchObject({ kind: 'rolled-back', reached: 2 })
      expect(result.of).toEqual([
        ['rolled-back', undefined],
        ['untouched', undefined],
        ['untouched', kind],
        ['untouched', undefined],
      ])
      expect(askedOf(hosts)).toEqual(['apply rollback', again, again, ''])
      expect(next).not.toHaveBeenCalled()
    },
  )

  it('begins no wave when a host of an earlier one is known to have let go of its change', async () => {
    const hosts = allWell()
    hosts[0] = scriptedHost('a', { ...rollsBack, renew: { says: 'gone' } })
    const slowly = async () => {
      await delay(300)
      return fit
    }
    for (const at of [1, 2]) {
      hosts[at] = scriptedHost(names[at] ?? '', rollsBack, 'must not be reopened', slowly)
    }
    const result = await inThem(hosts)
    expect(result.of[0]).toEqual(['rolled-back', 'unheard'])
    expect(askedOf(hosts)).toEqual(['apply rollback', again, again, ''])
  })

  it('tells no more hosts of a wave of their change when one of an earlier wave is known to have let go', async () => {
    const two = ['b', 'c']
    const hosts = allWell()
    hosts[0] = scriptedHost('a', { ...rollsBack, renew: { says: 'gone' } })
    hosts[1] = scriptedHost('b', {
      ...rollsBack,
      apply: { says: 'applied', reads: 'after', takes: 300 },
    })
    const result = await run(hosts, undefined, undefined, 1, { waves: [['a'], [...two, 'd']] })
    expect(result.of).toEqual([
      ['rolled-back', 'unheard'],
      ['rolled-back', undefined],
      ['untouched', undefined],
      ['untouched', undefined],
    ])
  })

  it('begins no wave whose plan cannot be written down', async () => {
    const hosts = allWell()
    const result = await inThem(hosts, { next: () => Promise.reject(new Error('no space')) })
    expect(result).toMatchObject({
      kind: 'rolled-back',
      reached: 2,
      objections: [{ kind: 'journal', reason: expect.stringContaining('the plan of wave 2') }],
    })
    expect(askedOf(hosts)).toEqual(['apply rollback', again, again, ''])
  })

  it.each([
    ['Ctrl-C', 'interrupted'],
    ['a host that lets go of its change', 'rolled-back'],
  ])('ends the wait for the next wave by %s', async (how, kind) => {
    const hosts = allWell()
    const controller = new AbortController()
    const gone = { ...rollsBack, renew: { says: 'gone' } } as const
    if (kind === 'rolled-back') hosts[0] = scriptedHost('a', gone)
    const object = (signal: AbortSignal): Promise<readonly Objection[]> =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve([]))
        if (how === 'Ctrl-C') controller.abort()
      })
    const result = await inThem(hosts, { object }, controller)
    expect(result).toMatchObject({ kind, reached: 1 })
    expect(askedOf(hosts)).toEqual(['apply rollback', '', '', ''])
  })

  it.each([
    [
      1,
      'before the next wave',
      async () => void (await delay(150)),
      ['apply rollback', '', '', ''],
    ],
    [
      1,
      'before a question',
      (look: () => Promise<void>) => delay(150).then(look),
      ['apply rollback', '', '', ''],
    ],
  ])(
    'in wave %i reads hosts that have waited %s, and does not call others to blame again and again',
    async (reached, _, waits, asked) => {
      const hosts = allWell()
      hosts[0] = scriptedHost('a', { ...rollsBack, renew: { says: 'renewed', reads: 'removed' } })
      const seen: boolean[] = []
      const result = await inThem(hosts, {
        async object(signal, _, look) {
          await waits(look)
          seen.push(signal.aborted)
          return []
        },
      })
      expect(result).toMatchObject({ kind: 'rolled-back', reached })
      expect(result.hosts[0]?.fault).toMatchObject({ step: 'hold', kind: 'stale' })
      expect(askedOf(hosts)).toEqual(asked)
      // Nobody is asked whether to go on with what is gone.
      expect(seen).toEqual([waits.length > 0])
    },
  )

  it('tells of each wave before its first phase', async () => {
    const events: RunEvent[] = []
    await run(allWell(), undefined, (event) => void events.push(event), 2, { waves })
    const told = events.flatMap((event) =>
      event.kind === 'wave-started'
        ? [`${event.wave} of ${event.of}: ${event.names}`]
        : event.kind === 'phase-started'
          ? [`${event.phase}: ${event.names}`]
          : [],
    )
    expect(told).toEqual([
      '1 of 3: a',
      'apply: a',
      '2 of 3: b,c',
      'preflight: b,c',
      'apply: b,c',
      '3 of 3: d',
      'preflight: d',
      'apply: d',
      'commit: a,b,c,d',
    ])
  })
})

describe('transact where our own work on one host throws', () => {
  const boom = (): never => {
    throw new Error('boom')
  }
  const throwing = (
    script: Script,
    request: 'apply' | 'commit' | 'rollBack' | 'renew',
  ): ScriptedHost => {
    const host = scriptedHost('bad', script, 'is unreachable')
    const { participant } = host
    return {
      ...host,
      participant: { ...participant, agent: { ...participant.agent, [request]: boom } },
    }
  }

  it('rolls back every host if it happens while applying, that host too', async () => {
    const good = scriptedHost('good', rollsBack)
    const bad = throwing(rollsBack, 'apply')
    expect(await run([bad, good])).toMatchObject({
      kind: 'rolled-back',
      of: [
        ['rolled-back', 'failed'],
        ['rolled-back', undefined],
      ],
      hosts: [{ fault: { reason: 'fw-run itself failed: boom' } }, {}],
    })
    expect([bad.asked, good.asked]).toEqual([['rollback'], ['apply', 'rollback']])
  })

  it('rolls back the others if it happens while planning again', async () => {
    const good = scriptedHost('good', rollsBack)
    const bad = scriptedHost('bad', { apply: stale }, 'must not be reopened', boom)
    expect(await run([bad, good])).toMatchObject({
      kind: 'rolled-back',
      of: [
        ['untouched', 'failed'],
        ['rolled-back', undefined],
      ],
    })
  })

  it('commits all others after the decision, and does not call that host done', async () => {
    const good = scriptedHost('good', well)
    expect(await run([throwing(well, 'commit'), good])).toMatchObject({
      kind: 'committed',
      of: [
        ['incomplete', 'failed'],
        ['committed', undefined],
      ],
    })
    expect(good.committed()).toBe(true)
  })

  it('rolls back all others, and does not call that host as before', async () => {
    const good = scriptedHost('good', rollsBack)
    const failing = scriptedHost('failing', {
      ...rollsBack,
      apply: { says: 'failed\nno', reads: 'half' },
    })
    expect(await run([throwing(well, 'rollBack'), good, failing])).toMatchObject({
      kind: 'rolled-back',
      of: [
        ['incomplete', undefined],
        ['rolled-back', undefined],
        ['rolled-back', 'failed'],
      ],
    })
  })

  it('decides nothing if it happens while a lease is renewed', async () => {
    const good = scriptedHost('good', rollsBack)
    const object = async (signal: AbortSignal): Promise<readonly Objection[]> => {
      while (!signal.aborted) await delay(5)
      return []
    }
    const result = await run([throwing(rollsBack, 'renew'), good], undefined, undefined, 2, {
      object,
    })
    expect(result).toMatchObject({
      kind: 'rolled-back',
      of: [
        ['rolled-back', 'failed'],
        ['rolled-back', undefined],
      ],
    })
  })
})
