import { describe, expect, it } from 'vitest'
import type { Route } from '../../src/facts/routes.ts'
import { planHost } from '../../src/plan/plan.ts'
import { commitOn } from '../../src/transaction/commit.ts'
import { exactSet, forward, guard, hostState, intent } from '../plan/host-state.ts'
import { scriptedHost } from './scripted-host.ts'

/** Pods of another host arrive without a tunnel: the position is good until flannel restarts, and a note says so. */
const bare: Route = {
  kind: 'unicast',
  cidr: '10.42.2.0/24',
  via: '192.0.2.12',
  device: 'ens18',
  source: undefined,
}
const noted = {
  ...intent,
  network: { ...intent.network, routes: [...intent.network.routes, bare] },
}

const lost = { kind: 'lost', sent: true, reason: 'the link was cut', unheard: false } as const
const terms = {
  owner: { run: 'r1', who: 'ann@jump' },
  lease: 30,
  grace: 0,
  patience: 0,
  afterInterrupt: 0,
  overtaken: async () => undefined,
}

describe('commitOn', () => {
  it('does not take notes on the position for something that could not be cleared away', async () => {
    const plan = planHost(hostState(forward([4, guard]), exactSet), noted)
    expect(plan).toMatchObject({ changes: [], notes: [expect.stringContaining('is good until')] })
    const script = {
      'again commit': { says: 'gone' },
      'again rollback': { says: 'already' },
      'again facts': { says: '', reads: 'after' },
    } as const
    const { participant } = scriptedHost('node1', script, 'reopens')
    const done = await commitOn({ ...participant, intent: noted }, Promise.resolve(lost), terms)
    expect(done).toEqual({ outcome: { kind: 'committed', left: '' }, fault: undefined })
  })

  it.each([
    ['its session is lost', 'lost'],
    ['a tool fails', { says: 'failed\nipset: no', reads: 'half' }],
    ['it is not as planned', { says: 'applied', reads: 'half' }],
  ] as const)(
    'never commits what it has begun to make again and not ended, as when %s',
    async (_, first) => {
      const script = {
        'again commit': [{ says: 'gone' }, { says: 'committed' }],
        'again rollback': [{ says: 'already' }, { says: 'rolled-back' }],
        'again facts': { says: '', reads: 'before' },
        'again apply': [first, { says: 'applied', reads: 'after' }],
      } as const
      const { participant, asked } = scriptedHost('node1', script, 'reopens')
      const done = await commitOn(participant, Promise.resolve(lost), {
        ...terms,
        patience: 20_000,
      })
      expect(done).toEqual({ outcome: { kind: 'committed', left: '' }, fault: undefined })
      const steps = ['rollback', 'facts', 'apply']
      expect(asked).toEqual(
        ['commit', ...steps, 'end', ...steps, 'commit', 'end'].map((step) => `again ${step}`),
      )
    },
  )

  describe('of a host that rolled back before a later run decided about it', () => {
    const script = {
      'again commit': { says: 'gone' },
      'again rollback': [{ says: 'already' }, { says: 'rolled-back' }],
      'again facts': { says: '', reads: 'before' },
      'again apply': { says: 'applied', reads: 'after' },
    } as const
    /** What comes of committing if these are the answers, one after the other, to who has decided since. */
    async function commit(...answers: readonly (string | Error | undefined)[]) {
      const { participant, asked } = scriptedHost('node1', script, 'reopens')
      let question = 0
      const overtaken = async (host: string) => {
        asked.push(`who decided about ${host}`)
        const answer = answers[question++]
        if (answer instanceof Error) throw answer
        return answer
      }
      const done = await commitOn(participant, Promise.resolve(lost), {
        ...terms,
        ...{ patience: 20_000, overtaken },
      })
      return { ...done, asked: asked.map((word) => word.replace('again ', '')) }
    }
    const question = 'who decided about node1'
    const readFirst = ['commit', 'rollback', 'facts', question]

    it('does not make the change again, and names that run', async () => {
      const { asked, outcome, fault } = await commit('r2')
      expect(asked).toEqual([...readFirst, 'end'])
      expect(outcome).toMatchObject({ kind: 'incomplete', left: expect.stringMatching(/run r2 /) })
      expect(outcome).not.toHaveProperty('unseen')
      expect(fault).toMatchObject({ step: 'commit', kind: 'failed' })
    })

    it('rolls it back again if that run decided just before the host was held', async () => {
      const { asked, outcome } = await commit(undefined, 'r2')
      expect(asked).toEqual([...readFirst, 'apply', question, 'rollback', 'end'])
      expect(outcome).toMatchObject({ kind: 'incomplete', left: expect.stringMatching(/run r2 /) })
    })

    it('changes nothing there while the journals cannot be read', async () => {
      const { asked } = await commit(new Error('The journal cannot be read'), 'r2')
      expect(asked).toEqual([...readFirst, 'end', ...readFirst, 'end'])
    })
  })

  it('says why the last attempt on a host came to nothing, not that the first session was lost', async () => {
    const script = {
      'again commit': { says: 'gone' },
      'again rollback': { says: 'already' },
      'again facts': { says: '', reads: 'before' },
      'again apply': { says: 'failed\niptables: not today', reads: 'half' },
    } as const
    const { participant } = scriptedHost('node1', script, 'reopens')
    const { outcome, fault } = await commitOn(participant, Promise.resolve(lost), terms)
    expect(fault).toEqual({ step: 'commit', kind: 'failed', reason: 'iptables: not today' })
    expect(outcome).toMatchObject({ left: expect.stringContaining('iptables: not today') })
  })

  it('does not call a host changed whose guard another program deleted meanwhile', async () => {
    const { participant } = scriptedHost('node1', {})
    const reply = { kind: 'committed', left: '', unguarded: true } as const
    const { outcome } = await commitOn(participant, Promise.resolve(reply), terms)
    expect(outcome).toMatchObject({
      kind: 'incomplete',
      remedy: expect.stringMatching(/fw-run apply/),
    })
  })
})
