import { describe, expect, it } from 'vitest'
import { makeRule } from '../../src/iptables/rule.ts'
import { type Change, undoOf } from '../../src/plan/change.ts'

const set = { type: 'hash:ip family inet', members: ['192.0.2.11'] }
const rule = { position: 4, rule: makeRule('FORWARD', ['-j', 'DROP']) }
const changes: readonly Change[] = [
  { kind: 'set', name: 'cluster_nodes', before: undefined, after: set },
  { kind: 'rules', before: [], after: [rule] },
]

describe('undoOf', () => {
  it('goes back in reverse order, from after to before', () => {
    expect(undoOf(changes)).toEqual([
      { kind: 'rules', before: [rule], after: [] },
      { kind: 'set', name: 'cluster_nodes', before: set, after: undefined },
    ])
  })

  it('twice gives the same changes again', () => {
    expect(undoOf(undoOf(changes))).toEqual(changes)
  })
})
