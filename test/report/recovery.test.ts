import { describe, expect, it } from 'vitest'
import { exitCodeOfRecovery } from '../../src/outcomes/exit-code.ts'
import type { RecoveredHost, RecoverReport } from '../../src/outcomes/recovery.ts'
import { jsonOfRecovery, recoverySummary, renderRecovery } from '../../src/report/recovery.ts'
import { begun, changes, ended, outcomes, pastRunOf, planned } from '../journal/runs.ts'
import { contentOf } from './contract.ts'
import { noPaint } from './run.ts'

const asBefore: RecoveredHost = { host: 'node2', kind: 'as-before' }
const finished: RecoveredHost = { host: 'node3', kind: 'changed', changes }
const open: RecoveredHost = {
  host: 'node3',
  kind: 'unfinished',
  reason: 'It is down.',
  remedy: 'Start it.',
  doubtful: false,
}

function report(hosts: readonly RecoveredHost[], given: Partial<RecoverReport> = {}) {
  const finishes = hosts.every(({ kind }) => kind !== 'unfinished')
  const by = finishes ? [{ kind: 'finished-by', run: 'r2' } as const] : []
  const past = pastRunOf(begun, planned, { kind: 'decided' }, ...by)
  return {
    ...{ run: 'r2', interrupted: false, remark: undefined, recoveries: [{ past, hosts }] },
    ...given,
  }
}

describe('renderRecovery', () => {
  it('tells of a run that was finished', () => {
    const text = renderRecovery(report([{ host: 'node2', kind: 'already' }, finished]), noPaint)
    expect(text.join('\n')).toBe(`RUN 20261123-041500-3f9a
  apply of 2026-11-23 04:15Z by ann@jump, died after it decided to keep the change. So recover makes sure that all hosts have it.
  1 host: node2
    has the change already
  1 host: node3
    create set cluster_nodes with 2 members
    insert rule 4 of FORWARD: -i ens18 -m set ! --match-set cluster_nodes src -j REJECT --reject-with icmp-port-unreachable

recover: done, finished run 20261123-041500-3f9a.`)
  })

  it('tells of a run of which nothing is left, and of a host that is not finished', () => {
    const past = pastRunOf(begun, planned)
    const since: RecoveredHost = { host: 'node1', kind: 'superseded', by: 'r9' }
    const hosts = [since, asBefore, open]
    const text = renderRecovery(report([], { recoveries: [{ past, hosts }] }), noPaint)
    expect(text.join('\n')).toBe(`RUN 20261123-041500-3f9a
  apply of 2026-11-23 04:15Z by ann@jump, died before it decided to keep the change. So recover makes sure that every host is as before.
  1 host: node1
    not changed by recover: the later run r9 changed this host, or found nothing to change there
  1 host: node2
    as before that run
  NOT FINISHED 1 host: node3
    It is down.
    -> Start it.

recover: NOT FINISHED on node3. Fix the cause, then run the same command again.`)
  })

  it('tells of a run that could not be marked as finished, which is not done', () => {
    const past = pastRunOf(begun, planned)
    const unmarked = report([], { recoveries: [{ past, hosts: [asBefore] }] })
    expect(renderRecovery(unmarked, noPaint).at(-1)).toBe(
      'recover: all hosts are done, but fw-run could NOT RECORD this in the journal of run 20261123-041500-3f9a. Fix the cause, then run the same command again.',
    )
    expect(exitCodeOfRecovery(unmarked)).toBe(8)
    expect(recoverySummary(unmarked)).toBe('unfinished: 20261123-041500-3f9a')
  })

  it.each([
    [
      'ended before it decided to keep the change. So recover makes sure that every host is as before',
      pastRunOf(begun, planned, outcomes('incomplete'), ended),
    ],
    [
      'ended after it decided to keep the change. So recover makes sure that all hosts have it',
      pastRunOf(begun, planned, { kind: 'decided' }, outcomes('incomplete'), ended),
    ],
  ])('tells of a run that ended in doubt: %s', (fate, past) => {
    const [, line] = renderRecovery(report([], { recoveries: [{ past, hosts: [] }] }), noPaint)
    expect(line).toBe(`  apply of 2026-11-23 04:15Z by ann@jump, ${fate}.`)
  })

  it.each([
    [undefined, 'recover: nothing to finish.'],
    ['run r9 is finished', 'recover: run r9 is finished.'],
  ])('has little to say where nothing was open: %s', (remark, line) => {
    expect(renderRecovery(report([], { recoveries: [], remark }), noPaint)).toEqual([line])
  })
})

describe('exitCodeOfRecovery', () => {
  it.each<[number, string, readonly RecoveredHost[], boolean]>([
    [0, 'all is finished', [asBefore, finished], false],
    [0, 'there was nothing to finish', [], false],
    [8, 'a host is not', [asBefore, open], false],
    [130, 'it was interrupted', [asBefore, open], true],
    [0, 'it was interrupted when all was finished', [asBefore, finished], true],
    [8, 'it was interrupted and left a host in doubt', [{ ...open, doubtful: true }], true],
  ])('is %i when %s', (code, _, hosts, interrupted) => {
    expect(exitCodeOfRecovery(report(hosts, { interrupted }))).toBe(code)
  })
})

describe('recoverySummary', () => {
  it.each<[string, readonly RecoveredHost[], boolean]>([
    ['finished 20261123-041500-3f9a', [asBefore], false],
    ['unfinished: 20261123-041500-3f9a', [open], false],
    ['interrupted, unfinished: 20261123-041500-3f9a', [open], true],
  ])('is %s', (words, hosts, interrupted) => {
    expect(recoverySummary(report(hosts, { interrupted }))).toBe(words)
  })
})

describe('jsonOfRecovery', () => {
  it('holds all that the text does, as plain values', () => {
    expect(contentOf('recover', jsonOfRecovery(report([finished, open])))).toMatchObject({
      run: 'r2',
      outcome: 'unfinished',
      runs: [
        {
          run: '20261123-041500-3f9a',
          command: 'apply',
          who: 'ann@jump',
          decided: true,
          finished: false,
          hosts: [
            { host: 'node3', state: 'changed', changes: [{ kind: 'set' }, { kind: 'rules' }] },
            { host: 'node3', state: 'unfinished', reason: 'It is down.', remedy: 'Start it.' },
          ],
        },
      ],
    })
  })
})
