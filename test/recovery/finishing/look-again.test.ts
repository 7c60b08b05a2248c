import { describe, expect, it } from 'vitest'
import type { OpenedHost } from '../../../src/cluster/open-hosts.ts'
import type { HostState } from '../../../src/facts/state.ts'
import type { LaterRun } from '../../../src/recovery/finishing/later-runs.ts'
import { lookAgain } from '../../../src/recovery/finishing/look-again.ts'
import { begun, pastRunOf, planned } from '../../journal/runs.ts'
import { exactSet, forward, guard, hostState } from '../../plan/host-state.ts'
import { factsWith, host } from '../../preflight/subject.ts'

const past = pastRunOf(begun, planned)

function look(state: HostState, later: readonly LaterRun[] = []) {
  const facts = { ...factsWith(), state: { kind: 'read', value: state } as const }
  const node2: OpenedHost = {
    host: { ...host, name: 'node2' },
    findings: [],
    link: undefined,
    facts,
  }
  return lookAgain(past, [node2], later)
}

describe('lookAgain', () => {
  it('sees that nothing of the run is left', () => {
    expect(look(hostState(forward()))).toEqual([{ host: 'node2', kind: 'as-before' }])
  })

  it.each([
    ['the rule', hostState(forward([4, guard]))],
    ['the set', hostState(forward(), exactSet)],
  ])('tells of %s that is left', (_, state) => {
    expect(look(state)).toMatchObject([
      {
        host: 'node2',
        kind: 'unfinished',
        reason: expect.stringContaining('differs from its state before'),
      },
    ])
  })

  it.each([
    [
      'takes what a later run has left for its work',
      '192.0.2.12',
      { kind: 'superseded', by: 'r9' },
    ],
    ['knows the host of another cluster by its address', '192.0.2.99', { kind: 'unfinished' }],
  ])('%s', (_, address, expected) => {
    const later = [{ id: 'r9', hosts: [{ name: 'node2', address }], sure: true }]
    expect(look(hostState(forward([4, guard]), exactSet), later)).toMatchObject([expected])
  })

  it('does not say of an unreadable host that it is as before', () => {
    const facts = factsWith({ rules: { text: 'locked', code: 4 } })
    const node2 = { host: { ...host, name: 'node2' }, findings: [], link: undefined, facts }
    expect(lookAgain(past, [node2], [])).toMatchObject([
      { kind: 'unfinished', reason: expect.stringContaining('locked') },
    ])
  })
})
