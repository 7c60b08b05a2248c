import pLimit from 'p-limit'
import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../src/events.ts'
import { transact } from '../../src/transaction/transact.ts'
import { type Answer, type ScriptedHost, scriptedHost, well } from './scripted-host.ts'

async function run(
  hosts: readonly ScriptedHost[],
  controller = new AbortController(),
  emit = (_: RunEvent): void => {},
) {
  const result = await transact(
    hosts.map(({ participant }) => participant),
    { owner: { run: 'r', who: 'w' }, limit: pLimit(2), emit, signal: controller.signal },
  )
  expect(result.settlements.map(({ host }) => host)).toEqual(
    hosts.map(({ participant }) => participant.host),
  )
  return {
    kind: result.kind,
    of: result.settlements.map(({ outcome, fault }) => [outcome.kind, fault?.kind]),
    settlements: result.settlements,
  }
}

const takenBack = { ...well, rollback: { says: 'rolled-back', reads: 'before' } } as const

describe('transact', () => {
  it('commits when every host has applied and reads as planned', async () => {
    const hosts = ['a', 'b', 'c'].map((name) => scriptedHost(name, well))
    expect(await run(hosts)).toMatchObject({
      kind: 'committed',
      of: Array(3).fill(['committed', undefined]),
    })
    for (const { asked } of hosts) expect(asked).toEqual(['apply', 'commit'])
  })

  it('has nothing to do for no host', async () => {
    expect(await run([])).toMatchObject({ kind: 'committed', of: [] })
  })

  it.each<[string, Answer, string]>([
    ['fails', { says: 'failed\niptables -I failed', reads: 'half' }, 'failed'],
    ['says what nobody knows', { says: 'what?', reads: 'half' }, 'failed'],
    ['did not come out as planned', { says: 'applied', reads: 'half' }, 'failed'],
    ['cannot be read back', { says: 'applied' }, 'failed'],
  ])('takes everything back when one host %s', async (_, apply, fault) => {
    const bad = scriptedHost('bad', { ...takenBack, apply })
    const good = scriptedHost('good', takenBack)
    expect(await run([good, bad])).toMatchObject({
      kind: 'rolled-back',
      of: [
        ['rolled-back', undefined],
        ['rolled-back', fault],
      ],
    })
    for (const { asked } of [bad, good]) expect(asked).toEqual(['apply', 'rollback'])
  })

  it.each(['locked', 'stale'] as const)(
    'does not ask a host to take back what it never began: %s',
    async (word) => {
      const bad = scriptedHost('bad', { apply: { says: `${word}\nheld by ann`, reads: 'before' } })
      const good = scriptedHost('good', takenBack)
      expect(await run([bad, good])).toMatchObject({
        kind: word === 'stale' ? 'stale' : 'rolled-back',
        of: [
          ['untouched', word],
          ['rolled-back', undefined],
        ],
      })
      expect(bad.asked).toEqual(['apply'])
    },
  )

  it('is not worth planning again when more than staleness went wrong', async () => {
    const stale = scriptedHost('a', { apply: { says: 'stale', reads: 'before' } })
    const failed = scriptedHost('b', { ...takenBack, apply: { says: 'failed\nx', reads: 'half' } })
    expect((await run([stale, failed])).kind).toBe('rolled-back')
    const left = scriptedHost('c', { ...takenBack, rollback: { says: 'failed\nx', reads: 'half' } })
    const again = scriptedHost('d', { apply: { says: 'stale', reads: 'before' } })
    expect(await run([again, left])).toMatchObject({
      kind: 'rolled-back',
      of: [
        ['untouched', 'stale'],
        ['incomplete', undefined],
      ],
    })
  })

  it('finishes the rollback of a lost host in a new session, which it reads first and ends', async () => {
    const script = {
      apply: 'lost',
      'again facts': { says: '' },
      'again rollback': { says: 'rolled-back', reads: 'before' },
    } as const
    const lost = scriptedHost('lost', script, 'reopens')
    expect(await run([lost, scriptedHost('good', takenBack)])).toMatchObject({
      kind: 'rolled-back',
      of: [
        ['rolled-back', 'lost'],
        ['rolled-back', undefined],
      ],
    })
    expect(lost.asked).toEqual(['apply', 'again facts', 'again rollback', 'again end'])
  })

  it.each<[string, Parameters<typeof scriptedHost>[1], Parameters<typeof scriptedHost>[2]]>([
    ['it cannot be reached again', { apply: 'lost' }, 'is unreachable'],
    [
      'its second session is lost while it is read',
      { apply: 'lost', 'again facts': 'lost' },
      'reopens',
    ],
    [
      'its second session is lost while it rolls back',
      { apply: 'lost', 'again facts': { says: '' }, 'again rollback': 'lost' },
      'reopens',
    ],
  ])('says that a host may not be as it was when %s', async (_, script, reopens) => {
    const lost = scriptedHost('lost', script, reopens)
    const result = await run([lost, scriptedHost('good', takenBack)])
    expect(result).toMatchObject({
      kind: 'rolled-back',
      of: [
        ['incomplete', 'lost'],
        ['rolled-back', undefined],
      ],
    })
    expect(result.settlements[0]?.outcome).toMatchObject({
      left: expect.stringMatching(/not seen to be as before: .*(no route|cut)/),
      remedy: expect.stringContaining('fw-run status'),
    })
  })

  it.each<[string, Answer, RegExp]>([
    ['it fails', { says: 'failed\nipset destroy failed', reads: 'half' }, /ipset destroy failed/],
    [
      'the set is still there',
      { says: 'rolled-back', reads: 'half' },
      /set cluster_nodes: .*before: not there/,
    ],
    [
      'the rule is still there',
      { says: 'rolled-back', reads: 'after' },
      /rules of ours in FORWARD/,
    ],
    ['it cannot be read', { says: 'rolled-back' }, /iptables-save gave no answer/],
  ])(
    'names what is left when a rollback does not bring a host back: %s',
    async (_, rollback, left) => {
      const bad = scriptedHost('bad', { apply: { says: 'failed\nx', reads: 'half' }, rollback })
      const { settlements } = await run([bad])
      expect(settlements[0]?.outcome).toMatchObject({
        kind: 'incomplete',
        left: expect.stringMatching(left),
      })
    },
  )

  it('touches nobody when it was interrupted before', async () => {
    const controller = new AbortController()
    controller.abort()
    const hosts = [scriptedHost('a', {}), scriptedHost('b', {})]
    expect(await run(hosts, controller)).toMatchObject({
      kind: 'interrupted',
      of: Array(2).fill(['untouched', undefined]),
    })
    expect(hosts.flatMap(({ asked }) => asked)).toEqual([])
  })

  it('takes everything back when it is interrupted while it applies', async () => {
    const controller = new AbortController()
    const hosts = [scriptedHost('a', takenBack), scriptedHost('b', takenBack)]
    const stop = (event: RunEvent): void => {
      if (event.kind === 'host-done' && event.phase === 'apply') controller.abort()
    }
    const result = await run(hosts, controller, stop)
    expect(result).toMatchObject({
      kind: 'interrupted',
      of: Array(2).fill(['rolled-back', undefined]),
    })
    expect(hosts.some(({ committed }) => committed())).toBe(false)
  })

  it('goes through with it when it is interrupted while it commits', async () => {
    const controller = new AbortController()
    const stop = (event: RunEvent): void => {
      if (event.kind === 'phase-started' && event.phase === 'commit') controller.abort()
    }
    const hosts = [scriptedHost('a', well), scriptedHost('b', well)]
    expect(await run(hosts, controller, stop)).toMatchObject({
      kind: 'committed',
      of: Array(2).fill(['committed', undefined]),
    })
  })

  it.each<[string, Answer]>([
    ['is lost', 'lost'],
    ['answers something else', { says: 'what?' }],
  ])(
    'does not take a host for committed that %s at the commit, nor the others back',
    async (_, commit) => {
      const bad = scriptedHost('bad', { ...well, commit })
      const result = await run([bad, scriptedHost('good', well)])
      expect(result).toMatchObject({
        kind: 'committed',
        of: [
          ['incomplete', expect.anything()],
          ['committed', undefined],
        ],
      })
      expect(result.settlements[0]?.outcome).toMatchObject({
        left: expect.stringContaining('did not confirm'),
      })
    },
  )

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
        takenBack.rollback,
      ] as const) {
        for (let victim = 0; victim < 3; victim++) {
          const hosts = ['a', 'b', 'c'].map((name, i) =>
            i === victim
              ? scriptedHost(
                  name,
                  {
                    ...takenBack,
                    [step]: answer,
                    rollback: second,
                    'again facts': second,
                    'again rollback': second,
                  },
                  'reopens',
                )
              : scriptedHost(name, takenBack),
          )
          const result = await run(hosts)
          expect(hosts.map(({ committed }) => committed())).toEqual([false, false, false])
          expect(result.kind).not.toBe('committed')
          const others = result.settlements.filter((_, i) => i !== victim)
          expect(others.map(({ outcome }) => outcome.kind)).toEqual(['rolled-back', 'rolled-back'])
        }
      }
    }
  })

  it('tells of each phase and each host in it, with the reason of a fault', async () => {
    const events: RunEvent[] = []
    const bad = scriptedHost('bad', {
      ...takenBack,
      apply: { says: 'failed\nno room', reads: 'half' },
    })
    await run([bad, scriptedHost('good', takenBack)], undefined, (event) => void events.push(event))
    expect(events).toEqual([
      { kind: 'phase-started', phase: 'apply', hosts: 2 },
      { kind: 'host-done', phase: 'apply', host: 'bad', ok: false, detail: 'no room' },
      { kind: 'host-done', phase: 'apply', host: 'good', ok: true },
      { kind: 'phase-ended', phase: 'apply' },
      { kind: 'phase-started', phase: 'rollback', hosts: 2 },
      { kind: 'host-done', phase: 'rollback', host: 'bad', ok: true },
      { kind: 'host-done', phase: 'rollback', host: 'good', ok: true },
      { kind: 'phase-ended', phase: 'rollback' },
    ])
  })
})
