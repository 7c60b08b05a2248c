import { describe, expect, it } from 'vitest'
import { agentOver } from '../../src/agent/agent.ts'
import type { HostState } from '../../src/facts/state.ts'
import type { Intent } from '../../src/guard/intent.ts'
import { planHost } from '../../src/plan/plan.ts'
import { applyOn } from '../../src/transaction/apply.ts'
import { inTurn } from '../../src/waiting/event-loop-turn.ts'
import { answerOf } from '../facts/answer-of.ts'
import { exactSet, forward, guard, hostState, intent } from '../plan/host-state.ts'

/** Applies to a host what it takes to come from one state to the intent; it answers with these rules and sets. */
async function applyAndRead(
  before: HostState,
  wanted: Intent,
  rules: readonly string[],
  sets: string,
  holds?: () => void,
) {
  const plan = planHost(before, wanted)
  const agent = agentOver({
    request: async () => ({
      kind: 'answered',
      sections: answerOf({
        result: 'applied',
        rules: `*filter\n:FORWARD DROP [0:0]\n:cali-FORWARD - [0:0]\n${rules.join('\n')}\nCOMMIT`,
        sets,
        table: '',
        fingerprint: '2 2',
      }),
    }),
    requests: () => 1,
    lost: () => undefined,
    end: () => {},
  })
  const changes = plan.kind === 'planned' ? plan.changes : []
  const participant = { host: 'a', agent, before, intent: wanted, changes }
  const reopen = async () => ({ unreachable: 'not asked for' })
  const planAgain = async () => ({ kind: 'failed', reason: 'not asked for' }) as const
  return applyOn({ ...participant, reopen, planAgain }, { run: 'r', who: 'w' }, 30, holds)
}

describe('applyOn', () => {
  it('says that a host holds its change before the answer is verified, which may have to wait', async () => {
    let held = false
    const holds = (): void => {
      held = true
    }
    const applied = applyAndRead(hostState(forward()), intent, forward(), '', holds)
    expect(await inTurn(() => held)).toBe(true)
    await applied
  })

  it('verifies a removal though another table uses the set, which therefore stays', async () => {
    const nat =
      '*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -m set --match-set cluster_nodes src -j RETURN\nCOMMIT'
    const before = hostState(forward([4, guard]), exactSet, nat)
    const remove = { kind: 'remove', set: 'cluster_nodes' } as const
    expect(await applyAndRead(before, remove, forward(), exactSet)).toMatchObject({
      state: 'touched',
      fault: undefined,
    })
  })

  it.each([
    [
      'the rule is elsewhere',
      forward([2, guard]),
      exactSet,
      'stale',
      'the rule of fw-run is not as planned',
    ],
    ['the rule is gone', forward(), exactSet, 'stale', 'the rule of fw-run is not as planned'],
    [
      'a member is missing',
      forward([4, guard]),
      exactSet.replace(/\n.*$/, ''),
      'failed',
      'the set is not as planned: another program may have made changes at the same time',
    ],
    [
      'nothing came out',
      forward(),
      '',
      'failed',
      'the set and the rule of fw-run are not as planned: another program may have made changes at the same time',
    ],
    [
      'somebody wrote before the rule of fw-run',
      ['-A FORWARD -j LOG', ...forward([4, guard])],
      exactSet,
      undefined,
      '',
    ],
    [
      'somebody accepts pods before the rule of fw-run',
      ['-A FORWARD -d 10.42.0.0/16 -j ACCEPT', ...forward([4, guard])],
      exactSet,
      'stale',
      'another program changed',
    ],
    [
      'somebody took away what ours stands before, and it works all the same',
      forward([4, guard]).slice(0, 4),
      exactSet,
      undefined,
      '',
    ],
  ])('reads the host back: %s', async (_, rules, sets, kind, reason) => {
    const { fault, state } = await applyAndRead(hostState(forward()), intent, rules, sets)
    expect(state).toBe('touched')
    expect(fault?.kind).toBe(kind)
    expect(fault?.reason ?? '').toContain(reason)
  })
})
