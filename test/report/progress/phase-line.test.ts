import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openTally, tallyDone, waitingWords } from '../../../src/report/progress/phase-line.ts'

const names = ['node1', 'node2', 'node3', 'node4', 'node5', 'node6']
const connect = { kind: 'phase-started', phase: 'connect', hosts: 6, names, seconds: 10 } as const

describe('waitingWords', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('names who is missing, for how long and of how much time', () => {
    const tally = openTally(connect)
    expect(waitingWords(tally)).toBe('')
    for (const host of names.filter((name) => name !== 'node3')) {
      tallyDone(tally, { kind: 'host-done', phase: 'connect', host, ok: host !== 'node4' })
    }
    vi.advanceTimersByTime(6400)
    expect(waitingWords(tally)).toBe('waiting for node3, 6 s of 10')
  })

  it('names a few of many, and no limit that is over, as where hosts wait for their turn', () => {
    const tally = openTally(connect)
    vi.advanceTimersByTime(12_000)
    expect(waitingWords(tally)).toBe('waiting for node1, node2, node3 and 3 more, 12 s')
  })

  it('counts the watch down, and says that the change is kept', () => {
    const tally = openTally({ ...connect, phase: 'watch', seconds: 180 })
    vi.advanceTimersByTime(61_000)
    expect(waitingWords(tally)).toBe('119 s left; the change is kept already')
  })

  it('says nothing when nobody is missing', () => {
    const tally = openTally({ ...connect, hosts: 1, names: ['node1'] })
    tallyDone(tally, { kind: 'host-done', phase: 'connect', host: 'node1', ok: true })
    vi.advanceTimersByTime(9000)
    expect(waitingWords(tally)).toBe('')
  })
})
