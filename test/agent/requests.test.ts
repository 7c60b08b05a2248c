import { describe, expect, it } from 'vitest'
import { type Agent, agentOver } from '../../src/agent/agent.ts'
import { answerOf } from '../facts/answer-of.ts'

const owner = { run: 'r2', who: 'ann' }
const set = 'cluster_nodes'

/** What an agent that answers so makes of it, and what it was sent: words and body lines. */
async function ask<T>(
  result: string,
  request: (agent: Agent) => Promise<T>,
): Promise<{ sent: readonly string[]; answer: T }> {
  let sent: readonly string[] = []
  const agent = agentOver({
    async request(words, body = []) {
      sent = [words.join(' '), ...body]
      return { kind: 'answered', sections: answerOf({ result }) }
    },
    requests: () => 1,
    lost: () => undefined,
    end: () => {},
  })
  return { answer: await request(agent), sent }
}

const apply = (agent: Agent) =>
  agent.apply({
    ...{ set, owner, fingerprint: '1 2', lease: 30 },
    changes: [{ kind: 'set', name: set, after: undefined }],
    undo: [{ kind: 'set', name: set, after: { type: 'hash:ip', members: ['192.0.2.1'] } }],
  })
const renew = (agent: Agent) => agent.renew('r2')
const commit = (agent: Agent) => agent.commit(set, owner)
const rollBack = (agent: Agent) => agent.rollBack(set, owner)
const clear = (agent: Agent) => agent.clear(set, owner)

describe('a request', () => {
  it.each<[string, readonly string[], (agent: Agent) => Promise<unknown>]>([
    ['facts', ['facts cluster_nodes'], (agent) => agent.facts(set)],
    [
      'apply',
      [
        'apply cluster_nodes r2 1 2 ann 30',
        'do\tset\tcluster_nodes\tabsent',
        'undo\tset\tcluster_nodes\tpresent\thash:ip\t192.0.2.1',
      ],
      apply,
    ],
    ['renew', ['renew r2'], renew],
    ['renew with a set', ['renew r2 cluster_nodes'], (agent) => agent.renew('r2', set)],
    ['commit', ['commit cluster_nodes r2 ann'], commit],
    ['rollBack', ['rollback cluster_nodes r2 ann'], rollBack],
    ['clear', ['clear cluster_nodes r2 ann'], clear],
  ])('is sent in the words of the program: %s', async (_, words, request) => {
    expect((await ask('', request)).sent).toEqual(words)
  })

  it('that is lost is told as that', async () => {
    const lost = { kind: 'lost', sent: true, reason: 'cut', unheard: false } as const
    const agent = agentOver({
      request: async () => lost,
      requests: () => 1,
      lost: () => 'cut',
      end: () => {},
    })
    expect(await agent.commit(set, owner)).toEqual(lost)
  })
})

describe('an answer', () => {
  it.each<[string, string, (agent: Agent) => Promise<unknown>, object]>([
    ['apply', 'applied', apply, { kind: 'applied' }],
    ['apply', 'stale', apply, { kind: 'stale' }],
    ['apply', 'locked\nr1\nbob', apply, { kind: 'locked', holder: { run: 'r1', who: 'bob' } }],
    ['apply', 'untouched\nno\nroom', apply, { kind: 'untouched', reason: 'no room' }],
    ['apply', 'failed\nno room', apply, { kind: 'failed', reason: 'no room' }],
    ['apply', 'what?', apply, { kind: 'failed', reason: "the agent answered 'what?'" }],
    ['renew', 'renewed', renew, { kind: 'renewed' }],
    ['renew', 'unwatched\nno setsid', renew, { kind: 'unwatched', reason: 'no setsid' }],
    ['renew', 'rolling-back', renew, { kind: 'rolling-back' }],
    ['renew', 'gone', renew, { kind: 'gone' }],
    ['commit', 'committed', commit, { kind: 'committed', left: '' }],
    ['commit', 'committed\nset in use', commit, { kind: 'committed', left: 'set in use' }],
    ['commit', 'failed\nread-only', commit, { kind: 'failed', reason: 'read-only' }],
    ['commit', 'rolling-back', commit, { kind: 'rolling-back' }],
    ['commit', 'gone', commit, { kind: 'gone' }],
    ['rollBack', 'rolled-back', rollBack, { kind: 'rolled-back', already: false, note: undefined }],
    [
      'rollBack',
      'already\nrolled-back\tr2\t2026-11-23T04:15:00Z\tsession-ended',
      rollBack,
      {
        ...{ kind: 'rolled-back', already: true },
        note: {
          ...{ kind: 'rolled-back', run: 'r2', time: '2026-11-23T04:15:00Z' },
          cause: { kind: 'session-ended' },
        },
      },
    ],
    ['rollBack', 'failed\nlocked', rollBack, { kind: 'failed', reason: 'locked' }],
    ['clear', 'cleared', clear, { kind: 'cleared' }],
    ['clear', 'locked\nr1\nbob', clear, { kind: 'locked', holder: { run: 'r1', who: 'bob' } }],
    ['clear', 'failed\nlocked', clear, { kind: 'failed', reason: 'locked' }],
  ])('of %s is read: %j', async (_, result, request, answer) => {
    expect((await ask(result, request)).answer).toMatchObject(answer)
  })

  it.each<[string, string, (agent: Agent) => Promise<object>]>([
    ['apply', 'applied', apply],
    ['apply', 'failed\nx', apply],
    ['renew', 'renewed', renew],
    ['rollBack', 'rolled-back', rollBack],
  ])('of %s brings the state of the host: %j', async (_, result, request) => {
    const { answer } = await ask(result, request)
    expect(answer).toHaveProperty('state', answerOf({ result }))
  })
})
