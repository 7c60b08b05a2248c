import { describe, expect, it } from 'vitest'
import type { Plan } from '../../../src/plan/plan.ts'
import { findings } from '../../../src/preflight/preflight.ts'
import { forward, hostState } from '../../plan/host-state.ts'
import { subject } from '../subject.ts'

/** The titles of checks that can say nothing under this plan. */
function unjudged(plan: Plan): readonly string[] {
  return findings({ ...subject(), plan }, 'change').flatMap(({ title, result }) =>
    result.kind === 'unjudged' ? [title] : [],
  )
}

const refused = (over: 'set' | 'rules' | 'position'): Plan => ({
  ...{ kind: 'refused', over, reason: 'x', remedy: 'y' },
})

describe('checks of a plan that was refused', () => {
  const ofPlace = ['no published ports are given up', 'services are closed by ClusterIP, too']

  it('say nothing where they ask about a place and there is none', () => {
    expect(unjudged(refused('position'))).toEqual(ofPlace)
  })

  it('say nothing of what a plan looks at after it was refused', () => {
    expect(unjudged(refused('rules'))).toEqual([...ofPlace, 'a good position exists'])
    expect(unjudged(refused('set'))).toEqual([
      ...ofPlace,
      'a good position exists',
      'our rules can be told',
    ])
  })

  it('are all judged where a plan was made', () => {
    expect(unjudged(subject({ state: hostState(forward()) }).plan)).toEqual([])
  })
})
