import { describe, expect, it } from 'vitest'
import { applyBody } from '../../../src/agent/conversation/steps.ts'
import { undoOf } from '../../../src/plan/change.ts'
import { planHost } from '../../../src/plan/plan.ts'
import { forward, guard, hostState, intent } from '../../plan/host-state.ts'

describe('applyBody', () => {
  const plan = planHost(
    hostState(forward([1, guard]), 'create cluster_nodes hash:ip family inet'),
    intent,
  )
  const changes = plan.kind === 'planned' ? plan.changes : []
  const words = guard.split(' ').slice(2)

  it('says what to do and how to take it back, a step a line, words between tabs', () => {
    const ours = ['ours', guard, ...words]
    expect(applyBody(changes, undoOf(changes)).map((line) => line.split('\t'))).toEqual([
      ['do', 'set', 'cluster_nodes', 'present', 'hash:ip family inet', '192.0.2.11 192.0.2.12'],
      ['do', ...ours],
      ['do', 'want', '4', '3', guard, ...words],
      ['do', 'rules'],
      ['undo', ...ours],
      ['undo', 'want', '1', '0', guard, ...words],
      ['undo', 'rules'],
      ['undo', 'set', 'cluster_nodes', 'present', 'hash:ip family inet'],
    ])
  })

  it('says a table line by line, without what only indents it', () => {
    const table = 'chain x {\n\t\tcounter drop  \n\n\t}'
    expect(
      applyBody([{ kind: 'table', after: table }], [{ kind: 'table', after: undefined }]),
    ).toEqual(['do\ttable\tpresent\tchain x {\tcounter drop\t}', 'undo\ttable\tabsent'])
    expect(() => applyBody([{ kind: 'table', after: 'comment "a\tb"' }], [])).toThrow(TypeError)
  })

  it.each(['a\tb', 'a\nb', ''])(
    'sends no word that would be read as another line: %j',
    (member) => {
      const change = {
        kind: 'set' as const,
        name: member,
        before: undefined,
        after: { type: 'hash:ip', members: [] },
      }
      expect(() => applyBody([change], [])).toThrow(TypeError)
    },
  )
})
