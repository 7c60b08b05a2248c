import { describe, expect, it } from 'vitest'
import { makeRule } from '../../src/iptables/rule.ts'
import { splitWords } from '../../src/iptables/words.ts'
import type { Change } from '../../src/plan/change.ts'
import { differences, leftOf } from '../../src/plan/left-after-rollback.ts'
import { exactSet, forward, guard, hostState } from './host-state.ts'

const drop = guard.replace(/REJECT .*/, 'DROP')

describe('differences', () => {
  const before = hostState(forward([4, guard]), exactSet)

  it('finds none if others wrote, packets were counted or members are listed in another order', () => {
    const [create, ...members] = exactSet.split('\n')
    const after = hostState(
      ['-A FORWARD -s 203.0.113.1 -j DROP', ...forward([4, `[5:300] ${guard}`])],
      [create, ...members.toReversed()].join('\n'),
    )
    expect(differences(before, after, 'cluster_nodes')).toEqual([])
  })

  it('finds none if two rules of fw-run have changed places', () => {
    const first = hostState(forward([4, guard], [5, drop]), exactSet)
    const second = hostState(forward([4, drop], [5, guard]), exactSet)
    expect(differences(first, second, 'cluster_nodes')).toEqual([])
  })

  it.each([
    [
      'a rule that is gone',
      hostState(forward(), exactSet),
      `the rules of fw-run in FORWARD are now: none; before: ${guard}`,
    ],
    [
      'a rule that is there twice',
      hostState(forward([4, guard], [5, guard]), exactSet),
      `the rules of fw-run in FORWARD are now: ${guard}; ${guard}; before: ${guard}`,
    ],
    [
      'another action',
      hostState(forward([4, drop]), exactSet),
      `the rules of fw-run in FORWARD are now: ${drop}; before: ${guard}`,
    ],
    [
      'a set that is gone',
      hostState(forward([4, guard])),
      'set cluster_nodes is now: missing; before: 192.0.2.11 192.0.2.12',
    ],
    [
      'a member that is left',
      hostState(forward([4, guard]), `${exactSet}\nadd cluster_nodes 192.0.2.9`),
      'set cluster_nodes is now: 192.0.2.11 192.0.2.12 192.0.2.9; before: 192.0.2.11 192.0.2.12',
    ],
  ])('names %s', (_, after, words) => {
    expect(differences(before, after, 'cluster_nodes')).toEqual([words])
  })
})

describe('leftOf', () => {
  const rule = makeRule('FORWARD', splitWords(guard).slice(2))
  const create: Change = {
    ...{ kind: 'set', name: 'cluster_nodes', before: undefined },
    after: { type: 'hash:ip family inet', members: ['192.0.2.11', '192.0.2.12'] },
  }
  const insert: Change = { kind: 'rules', before: [], after: [{ position: 4, rule }] }

  it('finds what is left of changes that were rolled back in part', () => {
    expect(leftOf([create, insert], hostState(forward(), exactSet), 'cluster_nodes')).toEqual([
      'set cluster_nodes is now: 192.0.2.11 192.0.2.12; before: missing',
    ])
    expect(leftOf([create, insert], hostState(forward([4, guard])), 'cluster_nodes')).toEqual([
      `the rules of fw-run in FORWARD are now: ${guard}; before: none`,
    ])
  })

  it('finds nothing left if all is as before', () => {
    expect(leftOf([create, insert], hostState(forward()), 'cluster_nodes')).toEqual([])
    const away: Change = { kind: 'rules', before: [{ position: 4, rule }], after: [] }
    const state = hostState(forward([2, guard]), exactSet)
    expect(leftOf([away], state, 'cluster_nodes')).toEqual([])
  })
})
