import { beforeEach, describe, expect, it, vi } from 'vitest'
import { exitCode } from '../../src/outcomes/exit-code.ts'
import { jsonOfPastRun, renderPastRun } from '../../src/report/past-run.ts'
import { outcomeOf } from '../../src/report/past-run-words.ts'
import { jsonOfPastRuns, renderPastRuns } from '../../src/report/past-runs.ts'
import { jsonOfRun } from '../../src/report/run-json.ts'
import { summary } from '../../src/report/run-summary.ts'
import { renderText } from '../../src/report/run-text.ts'
import { describeUnfinished } from '../../src/report/unfinished-run.ts'
import { begun, begunHere, ended, outcomes, pastRunOf, planned } from '../journal/runs.ts'
import {
  failed,
  fresh,
  guards,
  hostReport,
  noPaint,
  ofStatus,
  runReport,
  unreached,
} from './run.ts'

beforeEach(() => {
  vi.stubEnv('TZ', 'UTC')
  return () => vi.unstubAllEnvs()
})

const inPipe = { paint: noPaint, columns: undefined }
const onTerminal = { paint: noPaint, columns: 80 }
const off = { kind: 'remove', set: 'cluster_nodes' } as const
const decided = { kind: 'decided' } as const
const done = pastRunOf(begun, planned, decided, outcomes(), ended)
const mixed = pastRunOf(begun, planned, decided, {
  ...{ kind: 'step', phase: 'commit', host: 'node2', ok: true },
})

describe('renderPastRuns', () => {
  it('is a table', () => {
    expect(
      renderPastRuns([mixed, done], inPipe).join('\n'),
    ).toBe(`RUN (UTC)             COMMAND  WHO       HOSTS  OUTCOME
20261123-041500-3f9a  apply    ann@jump  3      UNFINISHED: died
20261123-041500-3f9a  apply    ann@jump  3      changed 2 of 3`)
  })

  it('fits into a terminal: names are cut, and outcomes are wrapped and never cut', () => {
    const who = 'administrator@jump.example.com'
    const words = `rolled back: probe command ${'kubectl get nodes | '.repeat(5)}wc -l`
    const long = pastRunOf({ ...begun, who }, planned, outcomes(), { ...ended, words })
    const lines = renderPastRuns([long], onTerminal)
    for (const line of lines) expect(line.length).toBeLessThan(81)
    expect(lines[1]).toMatch(/administrator@j… {2}3 {6}rolled back/)
    expect(lines.slice(1).join(' ').replace(/ +/g, ' ')).toContain(words)
    expect(renderPastRuns([long], { ...onTerminal, columns: 60 })[2]).toMatch(/^ {6}rolled back/)
    expect(renderPastRuns([long], inPipe)[1]).toContain(words)
  })

  it('lists the last twenty, and older ones only if they are open', () => {
    const lines = renderPastRuns([...Array(30).fill(done), mixed, done], onTerminal)
    expect(lines).toHaveLength(1 + 20 + 1 + 1)
    expect(lines.at(-2)).toContain('UNFINISHED')
    expect(lines.at(-1)).toBe('11 older: `fw-run runs --output json` has all.')
  })

  it('says that there are none', () => {
    expect(renderPastRuns([], inPipe)).toEqual(['No runs yet of this user on this jump host.'])
  })
})

describe('jsonOfPastRuns', () => {
  it('tells of each run', () => {
    expect(jsonOfPastRuns([mixed])).toMatchObject({
      command: 'runs',
      runs: [{ run: '20261123-041500-3f9a', command: 'apply', state: 'unfinished' }],
    })
  })
})

describe('renderPastRun', () => {
  it('tells what was planned, what went wrong and how each host came out', () => {
    const run = pastRunOf(
      begun,
      planned,
      { kind: 'step', phase: 'apply', host: 'node3', ok: false, detail: 'iptables failed' },
      {
        kind: 'outcomes',
        hosts: [
          { host: 'node2', outcome: { kind: 'rolled-back' } },
          {
            host: 'node3',
            outcome: { kind: 'incomplete', left: 'the set' },
            fault: { step: 'apply', kind: 'failed', reason: 'iptables failed' },
          },
        ],
      },
      {
        ...ended,
        outcome: 'rolled-back',
        words: 'not sure of node3',
        exitCode: 8,
        finished: false,
      },
    )
    expect(renderPastRun(run, false, noPaint).join('\n')).toBe(`RUN 20261123-041500-3f9a
  apply by ann@jump, 2026-11-23 04:15Z, took 0.0 s
  inventory /home/ann/inventory.yaml, lease 30 s, fw-run 0.1.0
  decided to keep the change: no

PLANNED
  2 hosts: node2, node3
    create set cluster_nodes with 2 members
    insert rule 4 of FORWARD: -i ens18 -m set ! --match-set cluster_nodes src -j REJECT --reject-with icmp-port-unreachable

TROUBLE
  node3: Apply and verify: iptables failed

HOSTS
  node1 : nothing planned
  node2 : rolled back
  node3 : NOT SURE: the set, fault at apply: iptables failed

runs: run 20261123-041500-3f9a, apply of 2026-11-23 04:15Z by ann@jump, ended before its decision, and node3 could not be read: it should be as before. \`fw-run recover -i /home/ann/inventory.yaml\` finishes it.`)
  })

  it('tells why a change was taken back, and by whom a host in doubt was settled', () => {
    const objections = [{ kind: 'unconfirmed', reason: 'the answer was no' }]
    const run = pastRunOf(begun, planned, { ...outcomes('incomplete'), objections }, ended, {
      ...{ kind: 'finished-by', run: 'r2' },
    })
    const lines = renderPastRun(run, false, noPaint)
    expect(lines).toContain('  not confirmed: the answer was no')
    expect(lines).toContain('  node3 : finished by run r2')
  })

  it('tells of a run that went well, in JSON as well', () => {
    expect(renderPastRun(done, true, noPaint).join('\n')).toContain(
      '+ add cluster_nodes 192.0.2.11',
    )
    expect(renderPastRun(done, false, noPaint).at(-1)).toBe('runs: changed 2 of 3.')
    expect(JSON.parse(JSON.stringify(jsonOfPastRun(done)))).toMatchObject({
      past: {
        run: '20261123-041500-3f9a',
        state: 'finished',
        decided: true,
        planned: [{ host: 'node2', outcome: { kind: 'committed' } }, { host: 'node3' }],
      },
    })
  })
})

describe('outcomeOf', () => {
  const by = { kind: 'finished-by', run: 'r2' } as const
  it.each([
    [`still at work (process ${process.pid})`, pastRunOf(begunHere, planned)],
    ['UNFINISHED: died', pastRunOf(begun, planned)],
    ['died before any change', pastRunOf(begun)],
    ['died; changed 2 of 3', pastRunOf(begun, planned, decided, outcomes())],
    ['died; rolled back', pastRunOf(begun, planned, outcomes('rolled-back'))],
    ['died; finished by r2', pastRunOf(begun, planned, by)],
    ['changed 2 of 3', done],
  ])('is %s', (words, run) => {
    expect(outcomeOf(run)).toBe(words)
  })
})

describe('an interrupted run', () => {
  const words =
    'run 20261123-041500-3f9a, apply of 2026-11-23 04:15Z by ann@jump, died after its decision: node3 may still be unprotected. `fw-run recover -i /home/ann/inventory.yaml` finishes it.'

  it('is told with the hosts in doubt and what finishes it', () => {
    expect(describeUnfinished(mixed)).toBe(words)
  })

  it('is told with a path that can be copied into a shell', () => {
    const run = pastRunOf({ ...begun, inventory: "/home/ann's/my hosts.yaml" }, planned)
    expect(describeUnfinished(run)).toContain(
      "`fw-run recover -i '/home/ann'\\''s/my hosts.yaml'` finishes",
    )
  })

  it('stands in the result of a run on the same hosts', () => {
    const report = runReport('done', [hostReport('node3')], { unfinished: [mixed] })
    expect(renderText(report, false, noPaint).join('\n')).toContain(
      'UNFINISHED RUNS\n  run 20261123-041500-3f9a (apply) is unfinished on node3\n',
    )
    expect(jsonOfRun(report)).toMatchObject({
      unfinished: [{ run: mixed.id, decided: true, state: 'unfinished', unsure: ['node3'] }],
    })
  })

  it('keeps status from saying that all is well', () => {
    const report = runReport('done', [hostReport('node3', { guards })], {
      ...ofStatus,
      unfinished: [mixed],
    })
    expect(exitCode(report)).toBe(3)
    expect(renderText(report, false, noPaint).at(-1)).toBe(
      'status: 1 host protected for now, but run 20261123-041500-3f9a (apply) is unfinished: `fw-run recover` finishes it.',
    )
  })

  it('was a remove: what it left is protection', () => {
    const plan = {
      kind: 'planned',
      plans: planned.plans.map((one) => ({ ...one, intent: off })),
    } as const
    const killed = pastRunOf({ ...begun, command: 'remove' }, plan, decided)
    expect(describeUnfinished(killed)).toContain(
      ', remove of 2026-11-23 04:15Z by ann@jump, died after its decision: node2, node3 may still be protected.',
    )
    const report = runReport('refused', [hostReport('node2', unreached(failed('connection')))], {
      ...ofStatus,
      unfinished: [killed],
    })
    expect(renderText(report, false, noPaint).at(-1)).toMatch(
      / But run \S+ \(remove\) is unfinished: `fw-run recover` finishes it\.$/,
    )
  })

  it('is told to be settled by the run at hand where that covers it', () => {
    expect(describeUnfinished(mixed, 'this run')).toMatch(
      / may still be unprotected\. This run finishes it, once it is done on all hosts\.$/,
    )
  })

  it('is told to be settled by the run that did it', () => {
    expect(describeUnfinished({ ...mixed, state: 'finished', finishedBy: 'r2' })).toMatch(
      /died; this run has finished it\.$/,
    )
  })
})

describe('summary', () => {
  const changed = hostReport('a', { changes: fresh, outcome: { kind: 'committed' } })
  const broken = hostReport('b', { findings: [failed('root')] })
  const unsure = hostReport('c', { outcome: { kind: 'incomplete', left: 'x', remedy: 'y' } })
  it.each([
    ['changed 1 of 2', runReport('done', [changed, hostReport('b')])],
    ['nothing to do', runReport('done', [hostReport('b')])],
    ['changed 1 of 1, others moved rules since', runReport('moved', [changed])],
    ['refused because of b', runReport('refused', [hostReport('a'), broken])],
    [
      'refused: probe tcp a:1 already fails before any change: no answer',
      runReport('refused', [hostReport('a')], {
        probes: [
          {
            ...{ probe: { kind: 'tcp', host: 'a', port: 1 }, places: [], after: undefined },
            before: { kind: 'failed', reason: 'no answer' },
          },
        ],
      }),
    ],
    ['rolled back because of b', runReport('rolled-back', [broken])],
    ['interrupted before any change', runReport('interrupted', [hostReport('a')])],
    [
      'interrupted; rolled back',
      runReport('interrupted', [hostReport('a', { outcome: { kind: 'rolled-back' } })]),
    ],
    [
      'rolled back: not confirmed (the answer was no)',
      runReport('rolled-back', [hostReport('a')], {
        objections: [{ kind: 'unconfirmed', reason: 'the answer was no' }],
      }),
    ],
    [
      'rolled back: probe tcp a:1 failed after the change',
      runReport('rolled-back', [hostReport('a')], {
        objections: [{ kind: 'probe', reason: 'probe tcp a:1 failed after the change' }],
      }),
    ],
    ['not sure of c', runReport('done', [changed, unsure])],
  ])('is %s', (words, report) => {
    expect(summary(report)).toBe(words)
  })
})
