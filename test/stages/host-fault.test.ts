import { describe, expect, it } from 'vitest'
import { faultOf } from '../../src/stages/host-fault.ts'

const verified = new Set(['held'])
const lost = { step: 'apply', kind: 'lost', reason: 'the session ended' } as const

describe('faultOf', () => {
  it.each([
    ['hold', 'held'],
    ['apply', 'fresh'],
  ])('is at %s for a host that is %s', (step, host) => {
    expect(faultOf({ host, fault: lost }, verified)).toEqual({ ...lost, step })
  })

  it.each([
    'the session ended; the host tells: took its change back at 2026-11-23: nothing was heard from its runner for 5 s',
    'the host took its change back: it had heard nothing for its lease of 5 s',
  ])('knows a host that heard nothing from us: %s', (reason) => {
    expect(faultOf({ host: 'held', fault: { ...lost, reason } }, verified)?.kind).toBe('unheard')
  })

  it('is nothing where nothing went wrong', () => {
    expect(faultOf({ host: 'held', fault: undefined }, verified)).toBeUndefined()
  })
})
