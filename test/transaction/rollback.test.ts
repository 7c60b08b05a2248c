import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { rollBack } from '../../src/transaction/rollback.ts'
import { scriptedHost } from './scripted-host.ts'

it('reads the states of many hosts one at a time, so that others hear from us meanwhile', async () => {
  const script = { rollback: { says: 'rolled-back', reads: 'before' } } as const
  const outcomes: unknown[] = []
  for (const name of ['a', 'b', 'c']) {
    const { participant } = scriptedHost(name, script)
    void rollBack(participant.agent, participant, { run: 'r', who: 'w' }).then((one) =>
      outcomes.push(one),
    )
  }
  const seen = new Set<number>()
  while (outcomes.length < 3) {
    await nextTurn()
    seen.add(outcomes.length)
  }
  expect([...seen]).toEqual(expect.arrayContaining([1, 2]))
  expect(outcomes).toEqual(Array(3).fill({ kind: 'rolled-back' }))
})
