import { describe, expect, it } from 'vitest'
import { exitCode } from '../../src/outcomes/exit-code.ts'
import { type HostReport, type RunReport, statusOf } from '../../src/outcomes/run-report.ts'
import { jsonOfRun } from '../../src/report/run-json.ts'
import { contentOf } from '../report/contract.ts'
import { drifted, failed, fresh, guards, hostReport, runReport, unreached } from '../report/run.ts'

const incomplete = hostReport('left', { outcome: { kind: 'incomplete', left: 'x', remedy: 'y' } })
const unreachable = hostReport('gone', unreached(failed('login')))
const lost = hostReport('lost', {
  fault: { step: 'apply', kind: 'lost', reason: 'x' },
  outcome: { kind: 'rolled-back' },
})
const broken = hostReport('broken', { findings: [failed('root')] })
const stale = hostReport('stale', {
  fault: { step: 'apply', kind: 'stale', reason: 'x' },
  outcome: { kind: 'untouched' },
})
const fine = hostReport('fine')
const pending = hostReport('pending', { changes: fresh })

describe('exitCode', () => {
  it.each<[number, RunReport['kind'], readonly HostReport[], string]>([
    [0, 'done', [fine], 'all is as it should be'],
    [
      0,
      'done',
      [hostReport('a', { changes: fresh, outcome: { kind: 'committed' } })],
      'all is done',
    ],
    [0, 'audited', [pending], 'all checks passed'],
    [2, 'refused', [fine, broken], 'a host failed a check'],
    [
      2,
      'rolled-back',
      [hostReport('a', { fault: { step: 'verify', kind: 'failed', reason: 'x' } })],
      'a host failed a step',
    ],
    [
      2,
      'rolled-back',
      [hostReport('a', { fault: { step: 'apply', kind: 'locked', reason: 'x' } })],
      'a host is locked',
    ],
    [2, 'stale', [fine, stale], 'the rules kept changing'],
    [3, 'pending', [fine, pending], 'changes are pending'],
    [2, 'pending', [broken, pending], '2 beats 3'],
    [4, 'refused', [fine, unreachable], 'a host could not be logged in to'],
    [4, 'rolled-back', [lost], 'a host was lost'],
    [4, 'refused', [broken, unreachable], '4 beats 2'],
    [130, 'interrupted', [fine], 'it was interrupted'],
    [130, 'interrupted', [unreachable, broken], '130 beats 4 and 2'],
    [8, 'rolled-back', [incomplete], 'a rollback is not complete'],
    [8, 'rolled-back', [incomplete, unreachable, broken], '8 beats 4 and 2'],
    [8, 'interrupted', [incomplete], '8 beats 130'],
    [8, 'done', [incomplete], 'a commit was not confirmed'],
  ])('is %i when %s: %s', (code, kind, hosts, _) => {
    expect(exitCode(runReport(kind, hosts))).toBe(code)
    expect(exitCode(runReport(kind, hosts.toReversed()))).toBe(code)
  })
})

it('exitCode is 130 when Ctrl-C ended the watch, though the change is kept', () => {
  const watched = { seconds: 180, refreshed: [], interrupted: true } as const
  expect(exitCode(runReport('done', [fine], { watched }))).toBe(130)
  expect(exitCode(runReport('done', [fine], { watched: { seconds: 180, refreshed: [] } }))).toBe(0)
})

it('exitCode is 3 when the watch could not read a host, though the change is kept', () => {
  const watched = { seconds: 180, refreshed: [], unread: ['a'] }
  expect(exitCode(runReport('done', [fine], { watched }))).toBe(3)
})

describe('statusOf', () => {
  it.each([
    ['incomplete', incomplete],
    ['unreachable', unreachable],
    ['unreachable', lost],
    ['failed', broken],
    ['failed', stale],
    ['pending', pending],
    ['ok', fine],
    ['rolled-back', hostReport('a', { outcome: { kind: 'rolled-back' }, changes: fresh })],
    ['changed', hostReport('a', { outcome: { kind: 'committed' }, changes: fresh })],
  ])('is %s, the worst that is true', (state, host) => {
    expect(statusOf(host, runReport('pending', [host]))).toBe(state)
  })

  it('is failed where the objection to the change is about that host', () => {
    const host = hostReport('a', { outcome: { kind: 'rolled-back' }, changes: fresh })
    const objections = [{ kind: 'unanswered', host: 'a', reason: 'no banner' }] as const
    const report = runReport('rolled-back', [host], { objections })
    expect(statusOf(host, report)).toBe('failed')
    expect(statusOf({ ...host, host: 'b' }, report)).toBe('rolled-back')
  })
})

describe('jsonOfRun', () => {
  it('holds all that the text does, as plain values', () => {
    const report = runReport(
      'rolled-back',
      [
        hostReport('node1', {
          changes: [...fresh.slice(0, 1), ...drifted.slice(1)],
          guards,
          rejected: { packets: 7n, bytes: 420n },
          fault: { step: 'apply', kind: 'failed', reason: 'x' },
          outcome: { kind: 'rolled-back' },
        }),
        hostReport('node2', { ...unreached(failed('connection', 'No.', 'Look.')), notes: ['n'] }),
      ],
      {
        warnings: ['inventory.yaml:3:5: odd'],
        probes: [
          {
            probe: { kind: 'tcp', host: 'n1', port: 6443 },
            places: ['i.yaml:3:5'],
            before: { kind: 'passed' },
            after: { kind: 'failed', reason: 'connection refused' },
          },
        ],
        objections: [{ kind: 'probe', reason: 'It fails now.' }],
      },
    )
    const raw =
      '-A FORWARD -i ens18 -m set ! --match-set cluster_nodes src -j REJECT --reject-with icmp-port-unreachable'
    expect(contentOf('apply', jsonOfRun(report))).toEqual({
      run: 'r1',
      outcome: 'rolled-back',
      words: 'apply: rolled back because of node1, node2; every host is as before.',
      inventory: '/home/ops/inventory.yaml',
      forward: [],
      probes: [
        {
          probe: 'tcp n1:6443',
          places: ['i.yaml:3:5'],
          before: { result: 'pass' },
          after: { result: 'fail', reason: 'connection refused' },
        },
      ],
      objections: [{ kind: 'probe', reason: 'It fails now.' }],
      unfinished: [],
      leftOut: 0,
      tolerated: [],
      warnings: ['inventory.yaml:3:5: odd'],
      hosts: [
        {
          host: 'node1',
          address: '192.0.2.11',
          state: 'failed',
          protection: 'drifted',
          checks: [{ id: 'connection', title: 'reachable', result: 'pass' }],
          changes: [
            {
              kind: 'set',
              name: 'cluster_nodes',
              before: null,
              after: { type: 'hash:ip family inet', members: ['192.0.2.11', '192.0.2.12'] },
            },
            {
              kind: 'rules',
              before: [{ position: 2, rule: raw }],
              after: [{ position: 4, rule: raw }],
            },
          ],
          notes: [],
          requests: 3,
          rules: [{ position: 4, rule: raw }],
          rejected: { packets: 7, bytes: 420 },
          outcome: { kind: 'rolled-back' },
          fault: { step: 'apply', kind: 'failed', reason: 'x' },
        },
        {
          host: 'node2',
          address: '192.0.2.11',
          state: 'unreachable',
          protection: 'unknown',
          checks: [
            {
              ...{ id: 'connection', title: 'reachable', result: 'fail' },
              ...{ reason: 'No.', remedy: 'Look.' },
            },
          ],
          changes: [],
          notes: ['n'],
          requests: 3,
          rules: [],
        },
      ],
    })
  })
})

describe('the protection in jsonOfRun', () => {
  const changed = hostReport('a', { changes: fresh, outcome: { kind: 'committed' } })
  it.each([
    ['protected', 'protect', changed],
    ['unprotected', 'remove', { ...changed, guards }],
    // What was to be removed stands. Whether it is what the inventory wants is not known.
    ['unknown', 'remove', hostReport('a', { guards, outcome: { kind: 'rolled-back' } })],
    ['unknown', 'protect', incomplete],
  ] as const)('is %s after a run that was to %s', (protection, goal, host) => {
    const report = runReport('done', [host], { goal })
    expect(jsonOfRun(report)).toMatchObject({ hosts: [{ protection }] })
  })
})
