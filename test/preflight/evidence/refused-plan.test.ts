import { describe, expect, it } from 'vitest'
import type { Plan } from '../../../src/plan/plan.ts'
import { findings } from '../../../src/preflight/preflight.ts'
import { forward, hostState } from '../../plan/host-state.ts'
import { subject } from '../subject.ts'

/** The checks that have no answer under this plan. */
function unjudged(plan: Plan): readonly string[] {
  return findings({ ...subject(), plan }, 'change').flatMap(({ id, result }) =>
    result.kind === 'unjudged' ? [id] : [],
  )
}

const refused = (over: 'set' | 'rules' | 'position'): Plan => ({
  ...{ kind: 'refused', over, reason: 'x', remedy: 'y' },
})

describe('passUnder', () => {
  const ofPlace = ['published-ports', 'outbound-access', 'cluster-ips']

  it('leaves checks of a position unjudged where there is none', () => {
    expect(unjudged(refused('position'))).toEqual([...ofPlace, 'boot-files'])
  })

  it('leaves unjudged what a plan looks at after it was refused', () => {
    expect(unjudged(refused('rules'))).toEqual([...ofPlace, 'position', 'boot-files'])
    expect(unjudged(refused('set'))).toEqual([...ofPlace, 'position', 'own-rules', 'boot-files'])
  })

  it('leaves nothing unjudged where there is a plan', () => {
    expect(unjudged(subject({ state: hostState(forward()) }).plan)).toEqual([])
  })
})
