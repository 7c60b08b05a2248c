import { describe, expect, it } from 'vitest'
import { outcomeOf } from '../../src/words/past-run.ts'
import { begun, begunHere, ended, outcomes, pastRunOf, planned } from '../journal/runs.ts'

const decided = { kind: 'decided' } as const
const done = pastRunOf(begun, planned, decided, outcomes(), ended)

describe('outcomeOf', () => {
  const by = { kind: 'finished-by', run: 'r2' } as const
  it.each([
    [`still at work (process ${process.pid})`, pastRunOf(begunHere, planned)],
    ['UNFINISHED: died', pastRunOf(begun, planned)],
    ['died before any change', pastRunOf(begun)],
    ['died; changed 2 of 3', pastRunOf(begun, planned, decided, outcomes())],
    ['died; rolled back', pastRunOf(begun, planned, outcomes('rolled-back'))],
    ['died; finished by r2', pastRunOf(begun, planned, by)],
    ['changed 2 of 3', done],
  ])('is %s', (words, run) => {
    expect(outcomeOf(run)).toBe(words)
  })
})
