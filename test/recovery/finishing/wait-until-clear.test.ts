import pLimit from 'p-limit'
import { describe, expect, it, vi } from 'vitest'
import { agentOver } from '../../../src/agent/agent.ts'
import type { Reply } from '../../../src/agent/conversation/channel.ts'
import type { OpenedHost } from '../../../src/cluster/open-hosts.ts'
import { fail } from '../../../src/preflight/check.ts'
import { waitUntilClear } from '../../../src/recovery/finishing/wait-until-clear.ts'
import { unbegunJournal } from '../../../src/runs/journal.ts'
import type { Run } from '../../../src/runs/run.ts'
import { answerOf } from '../../facts/answer-of.ts'
import { host } from '../../preflight/subject.ts'

function runOf(signal = new AbortController().signal, emit: Run['emit'] = () => {}): Run {
  return {
    id: 'r2',
    command: 'recover',
    user: 'ann',
    owner: { run: 'r2', who: 'ann' },
    atATime: pLimit(1),
    emit,
    signal,
    flushed: async () => {},
    withFlags: (text) => text,
    journal: unbegunJournal(),
  }
}

/** A host that answers as scripted, one answer a request; `asked` remembers the requests. */
function opened(...answers: readonly string[]): OpenedHost & { readonly asked: string[] } {
  const asked: string[] = []
  const left = [...answers]
  const agent = agentOver({
    async request(words): Promise<Reply> {
      asked.push(words.join(' '))
      const result = left.shift()
      if (result === undefined) throw new Error('nobody scripted this request')
      if (result === 'lost') {
        return { kind: 'lost', sent: true, reason: 'the link was cut', unheard: false }
      }
      return { kind: 'answered', sections: answerOf({ result }) }
    },
    requests: () => asked.length,
    lost: () => undefined,
    end() {},
  })
  const link = { agent, close: async () => {} }
  return { host, findings: [], link, facts: undefined, asked }
}

/** Of a watchdog that fails. */
const noteOf = (run: string): string => `not-rolled-back\t${run}\t2026-11-23T04:15:00Z\tno luck`

const noWords = (): undefined => undefined

describe('waitUntilClear', () => {
  it('asks until no run holds the host', async () => {
    const one = opened('locked\nr1\nann', 'cleared')
    expect(await waitUntilClear([one], 'r1', 5000, runOf(), noWords)).toEqual([])
    expect(one.asked).toEqual(Array(2).fill('clear cluster_nodes r2 ann'))
  })

  it.each([
    ['another run holds it too long', 'locked\nr3\nann', /run r3 by ann/, /Wait until/],
    [
      'it takes too long itself',
      'locked\nr1\nann',
      /watchdog of this run is still at work/,
      /minute/,
    ],
    [
      'it cannot end the run',
      `locked\nr1\nann\n${noteOf('r1')}`,
      /change of this run: no luck$/,
      /cause/,
    ],
    [
      'it cannot end another',
      `locked\nr3\nann\n${noteOf('r3')}`,
      /change of run r3 by ann: no/,
      /cause/,
    ],
    ['it cannot be rolled back', 'failed\niptables failed', /iptables failed/, /Remove the cause/],
    ['the session goes', 'lost', /the link was cut/, /again/],
    ['an agent does not know the request', '', /answered ''/, /Remove/],
  ])('tells when %s', async (_, answer, reason, remedy) => {
    expect(await waitUntilClear([opened(answer)], 'r1', 0, runOf(), noWords)).toEqual([
      {
        host: 'node1',
        kind: 'unfinished',
        reason: expect.stringMatching(reason),
        remedy: expect.stringMatching(remedy),
        doubtful: false,
      },
    ])
  })

  it('tells why a host could not be opened', async () => {
    const findings = [{ id: 'connection' as const, result: fail('It is down.', 'Start it.') }]
    const closed = { host, findings, link: undefined, facts: undefined }
    expect(await waitUntilClear([closed], 'r1', 0, runOf(), noWords)).toMatchObject([
      { reason: 'It is down.', remedy: 'Start it.' },
    ])
  })

  it('says what to do about a host that is gone, and reports it only once', async () => {
    const result = fail('It is down.', 'Start it.')
    const findings = [{ id: 'connection' as const, result, unreachable: true as const }]
    const closed = { host, findings, link: undefined, facts: undefined }
    const emit = vi.fn()
    const found = await waitUntilClear(
      [closed],
      'r1',
      0,
      runOf(undefined, emit),
      () => 'If it is gone, go on.',
    )
    expect(found[0]?.remedy).toBe('Start it. If it is gone, go on.')
    expect(emit.mock.calls.map(([{ kind }]) => kind)).toEqual(['phase-started', 'phase-ended'])
    expect(emit).toHaveBeenCalledWith({
      ...{ kind: 'phase-started', phase: 'recover', hosts: 0, names: [], seconds: 0 },
    })
  })

  it('asks no more once it is interrupted', async () => {
    const one = opened('locked\nr1\nann')
    const found = await waitUntilClear([one], 'r1', 60_000, runOf(AbortSignal.abort()), noWords)
    expect(found).toMatchObject([{ kind: 'unfinished' }])
  })
})
