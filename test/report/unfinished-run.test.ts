import { describe, expect, it } from 'vitest'
import { exitCode } from '../../src/outcomes/exit-code.ts'
import { jsonOfRun } from '../../src/report/run-json.ts'
import { renderText } from '../../src/report/run-text.ts'
import { describeUnfinished } from '../../src/report/unfinished-run.ts'
import { begun, pastRunOf, planned } from '../journal/runs.ts'
import { contentOf } from './contract.ts'
import { failed, guards, hostReport, noPaint, ofStatus, runReport, unreached } from './run.ts'

const off = { kind: 'remove', set: 'cluster_nodes' } as const
const decided = { kind: 'decided' } as const
const mixed = pastRunOf(begun, planned, decided, {
  ...{ kind: 'step', phase: 'commit', host: 'node2', ok: true },
})

describe('describeUnfinished', () => {
  const words =
    'run 20261123-041500-3f9a (apply of 2026-11-23 04:15Z by ann@jump) died after it decided to keep the change. node3 may still be unprotected. `fw-run recover -i /home/ann/inventory.yaml` finishes that run.'

  it('is told with the hosts in doubt and what finishes it', () => {
    expect(describeUnfinished(mixed)).toBe(words)
  })

  it('is told with a path that can be copied into a shell', () => {
    const run = pastRunOf({ ...begun, inventory: "/home/ann's/my hosts.yaml" }, planned)
    expect(describeUnfinished(run)).toContain(
      "`fw-run recover -i '/home/ann'\\''s/my hosts.yaml'` finishes",
    )
  })

  it('is told with what the standard input must bring again', () => {
    const run = pastRunOf({ ...begun, inventory: '-' }, planned)
    expect(describeUnfinished(run)).toMatch(
      /`fw-run recover -i - < INVENTORY` finishes that run\. In place of INVENTORY, give a file with the inventory that the run read from stdin\.$/,
    )
  })

  it('takes a chain that is new for a guard that may lack', () => {
    const chain = {
      kind: 'chain',
      family: 4,
      before: null,
      after: { rules: [], jumps: [] },
    } as const
    const plan = {
      kind: 'planned',
      plans: planned.plans.map((one) => ({ ...one, changes: [chain] })),
    } as const
    expect(describeUnfinished(pastRunOf(begun, plan, decided))).toContain(
      'may still be unprotected.',
    )
  })

  it('stands in the result of a run on the same hosts', () => {
    const report = runReport('done', [hostReport('node3')], { unfinished: [mixed] })
    expect(renderText(report, false, noPaint).join('\n')).toContain(
      'UNFINISHED RUNS\n  run 20261123-041500-3f9a (apply) is unfinished on node3\n',
    )
    expect(contentOf('apply', jsonOfRun(report))).toMatchObject({
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
      'status: 1 host protected for now, but run 20261123-041500-3f9a (apply) is unfinished: to finish it, run `fw-run recover`.',
    )
  })

  it('was a remove: what it left is protection', () => {
    const plan = {
      kind: 'planned',
      plans: planned.plans.map((one) => ({ ...one, intent: off })),
    } as const
    const killed = pastRunOf({ ...begun, command: 'remove' }, plan, decided)
    expect(describeUnfinished(killed)).toContain(
      ' (remove of 2026-11-23 04:15Z by ann@jump) died after it decided to keep the change. node2, node3 may still be protected.',
    )
    const report = runReport('refused', [hostReport('node2', unreached(failed('connection')))], {
      ...ofStatus,
      unfinished: [killed],
    })
    expect(renderText(report, false, noPaint).at(-1)).toMatch(
      / But run \S+ \(remove\) is unfinished: to finish it, run `fw-run recover`\.$/,
    )
  })

  it('says that the run at hand finishes it, if that covers it', () => {
    expect(describeUnfinished(mixed, 'this run')).toMatch(
      / may still be unprotected\. The run that starts now finishes it, too\.$/,
    )
  })

  it('tells hosts that were found otherwise from those that could not be read', () => {
    const run = pastRunOf(begun, planned, {
      kind: 'outcomes',
      hosts: [
        { host: 'node2', outcome: { kind: 'incomplete', left: 'a rule is left', remedy: 'r' } },
        { host: 'node3', outcome: { kind: 'incomplete', unseen: true, left: 'x', remedy: 'r' } },
      ],
    })
    expect(describeUnfinished(run)).toContain(
      `keep the change. node2: not as before when that run last looked. \`fw-run runs ${run.id}\` shows what was left. node3: probably as before, but nobody`,
    )
  })

  it('says which run finished it', () => {
    expect(describeUnfinished({ ...mixed, state: 'finished', finishedBy: 'r2' })).toMatch(
      /was unfinished; this run has finished it\.$/,
    )
  })
})
