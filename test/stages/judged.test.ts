import { describe, expect, it } from 'vitest'
import type { Plan } from '../../src/plan/plan.ts'
import { findings } from '../../src/preflight/preflight.ts'
import { judgedFindings } from '../../src/stages/judged.ts'
import { forward, hostState } from '../plan/host-state.ts'
import { subject } from '../preflight/subject.ts'

/** The titles of checks that passed but say nothing under this plan; and whether nothing else was changed. */
function unjudged(plan: Plan): readonly string[] {
  const found = findings({ ...subject(), plan }, 'change')
  const judged = judgedFindings(found, plan)
  expect(judged.map(({ title }) => title)).toEqual(found.map(({ title }) => title))
  return judged.flatMap(({ title, verdict }) => (verdict.kind === 'unjudged' ? [title] : []))
}

const refused = (over: 'set' | 'rules' | 'position'): Plan => ({
  ...{ kind: 'refused', over, reason: 'x', remedy: 'y' },
})

describe('judgedFindings', () => {
  const ofPlace = ['no published ports are given up', 'services are closed by ClusterIP, too']

  it('takes back passes of checks that ask about a place where there is none', () => {
    expect(unjudged(refused('position'))).toEqual(ofPlace)
  })

  it('and those of what a plan looks at after it was refused', () => {
    expect(unjudged(refused('rules'))).toEqual([...ofPlace, 'a good position exists'])
    expect(unjudged(refused('set'))).toEqual([
      ...ofPlace,
      'a good position exists',
      'our rules can be told',
    ])
  })

  it('leaves those of a plan that was made', () => {
    expect(unjudged(subject({ state: hostState(forward()) }).plan)).toEqual([])
  })
})
