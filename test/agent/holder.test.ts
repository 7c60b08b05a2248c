import { describe, expect, it } from 'vitest'
import { describeHolder, nameHolder, parseHolder } from '../../src/agent/holder.ts'

describe('the holder of a lock', () => {
  it('is read with its run, and who began that if it is known', () => {
    expect(parseHolder('r1\tann@jump, fw-run apply\n')).toEqual({
      run: 'r1',
      who: 'ann@jump, fw-run apply',
    })
    expect(parseHolder('r1\n')).toEqual({ run: 'r1', who: '' })
    expect(parseHolder('\n')).toBeUndefined()
  })

  it('is named', () => {
    expect(nameHolder({ run: 'r1', who: '' })).toBe('run r1')
    expect(describeHolder({ run: 'r1', who: 'ann' })).toBe(
      'another run holds this host: run r1 by ann',
    )
    expect(
      nameHolder({ run: 'r1', who: 'ann@jump, fw-run apply, since 2026-11-23T10:04:05.678Z' }),
    ).toBe('run r1 (fw-run apply by ann@jump, started 2026-11-23 10:04Z)')
  })
})
