import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { keepLeases, type Leases } from '../../src/transaction/lease.ts'
import { type Answer, type ScriptedHost, scriptedHost } from './scripted-host.ts'

let leases: Leases
afterEach(() => {
  leases.endAll()
  vi.restoreAllMocks()
})

/** A host that has begun its change, under a lease of so many seconds; it answers each renewal so. */
function holding(renew: Answer, seconds = 0.3): ScriptedHost {
  const host = scriptedHost('a', { renew })
  leases = keepLeases({ run: 'r', who: 'w' }, seconds, 1)
  leases.begin(host.participant)
  return host
}

const renewed = { says: 'renewed', reads: 'after' } as const
const removed = { says: 'renewed', reads: 'removed' } as const

/** Sets the clock by so many seconds. */
function setClock(seconds: number): void {
  const now = Date.now()
  vi.spyOn(Date, 'now').mockReturnValue(now + seconds * 1000)
}

describe('keepLeases', () => {
  it('renews the lease of a host several times in its length, until it is told its end', async () => {
    const host = holding(renewed)
    await expect.poll(() => host.asked.length).toBeGreaterThan(3)
    leases.end(host.participant)
    const before = host.asked.length
    await delay(250)
    expect(host.asked.length).toBe(before)
    expect(leases.broken.aborted).toBe(false)
  })

  it('renews nothing once all have ended', async () => {
    const host = holding(renewed)
    leases.endAll()
    await delay(250)
    expect(host.asked).toEqual([])
  })

  it('does not read a host that has just made its change', async () => {
    const host = holding(removed, 300)
    expect(await leases.lapsed()).toEqual(new Map())
    expect(host.asked).toEqual([])
  })

  it.each([
    ['for more than a fifth of its lease', 100],
    ['for longer', 3600],
    ['while the clock was set back', -100],
  ])(
    'reads a host that has held its change %s, and no more once one is lost',
    async (_, seconds) => {
      holding(removed, 300)
      const other = scriptedHost('b', { renew: removed })
      leases.begin(other.participant)
      setClock(seconds)
      expect([...(await leases.lapsed())]).toEqual([
        [
          'a',
          {
            kind: 'stale',
            reason: expect.stringContaining('the rule of fw-run is not as planned'),
          },
        ],
      ])
      expect(leases.broken.aborted).toBe(true)
      expect(other.asked).toEqual([])
    },
  )

  it('reads a host that has held its change while the clock was set back by just that time', async () => {
    const host = holding(removed, 300)
    setClock(0)
    const now = performance.now()
    vi.spyOn(performance, 'now').mockReturnValue(now + 100_000)
    expect((await leases.lapsed()).size).toBe(1)
    expect(host.asked).toEqual(['renew'])
  })

  it('does not read a host again that it has just read, but does after a while', async () => {
    const host = holding(renewed, 300)
    setClock(100)
    await leases.lapsed()
    await leases.lapsed()
    expect(host.asked).toEqual(['renew'])
    setClock(100)
    await leases.lapsed()
    expect(host.asked).toEqual(['renew', 'renew'])
  })

  it('counts from when the change was first made', async () => {
    const host = holding(removed, 300)
    setClock(100)
    leases.begin(host.participant)
    expect((await leases.lapsed()).size).toBe(1)
  })

  it.each<[string, Answer, object]>([
    [
      'has rolled back',
      { says: 'rolling-back' },
      {
        kind: 'unheard',
        reason: expect.stringMatching(/rolled its change back: .* 0\.3 s \(its lease\)$/),
      },
    ],
    [
      'knows nothing of its change',
      { says: 'gone' },
      { kind: 'unheard', reason: expect.stringContaining('it rolled back, or was rebooted, or') },
    ],
    [
      'has no watchdog any more',
      { says: 'unwatched\nno setsid' },
      { kind: 'failed', reason: 'no setsid' },
    ],
    ['is lost', 'lost', { kind: 'lost', reason: 'the link was cut' }],
  ])('says at once that a host %s', async (_, answer, flaw) => {
    holding(answer)
    await expect.poll(() => leases.broken.aborted).toBe(true)
    expect((await leases.lapsed()).get('a')).toMatchObject(flaw)
  })

  it('does not mind what a host answers that was told its end meanwhile', async () => {
    const host = holding({ says: 'gone', takes: 500 })
    await vi.waitFor(() => expect(host.asked).toEqual(['renew']), { interval: 5 })
    leases.end(host.participant)
    await delay(600)
    expect(leases.broken.aborted).toBe(false)
  })
})
