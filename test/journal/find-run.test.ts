import { describe, expect, it } from 'vitest'
import { findRun } from '../../src/journal/find-run.ts'
import { begun, pastRunOf } from './runs.ts'

describe('findRun', () => {
  const one = pastRunOf(begun)
  const runs = [one, { ...one, id: '20261123-051500-0001' }]

  it('finds one by the beginning of its id', () => {
    expect(findRun(runs, '20261123-04').id).toBe('20261123-041500-3f9a')
  })

  it.each([
    [3, /id: 20261123-041500-0000, 20261123-041500-0001, 20261123-041500-0002\.$/],
    [4, /-0002, …$/],
  ])('lists up to three of %i runs that begin alike', (count, remedy) => {
    const many = Array.from({ length: count }, (_, n) => ({
      ...one,
      id: `20261123-041500-000${n}`,
    }))
    expect(() => findRun(many, '2026')).toThrow(
      expect.objectContaining({ remedy: expect.stringMatching(remedy) }),
    )
    expect(() => findRun(many, '041500')).toThrow(
      expect.objectContaining({
        remedy: expect.stringMatching(/-0000 or \S*-0001 or \S*-0002\?$/),
      }),
    )
  })

  it.each([
    ['20261123', /2 runs begin with/, /Give more of the id/],
    ['3f9a', /No run "3f9a"/, /did you mean 20261123-041500-3f9a\?/],
    ['20261123-041500-3f9b', /No run/, /did you mean "20261123-041500-3f9a"/],
    ['x', /No run "x"/, /fw-run runs/],
  ])('says what is wrong with %s', (prefix, message, remedy) => {
    expect(() => findRun(runs, prefix)).toThrow(
      expect.objectContaining({
        code: 'usage',
        message: expect.stringMatching(message),
        remedy: expect.stringMatching(remedy),
      }),
    )
  })
})
