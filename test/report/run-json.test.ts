import { describe, expect, it } from 'vitest'
import type { RunReport } from '../../src/outcomes/run-report.ts'
import { planHost } from '../../src/plan/plan.ts'
import { jsonOfRun } from '../../src/report/run-json.ts'
import { exactSet, forward, guard, hostState } from '../plan/host-state.ts'
import { guards, hostReport, ofRemove, runReport } from './run.ts'

describe('jsonOfRun', () => {
  const plan = planHost(hostState(forward([4, guard]), exactSet), {
    ...{ kind: 'remove', set: 'cluster_nodes' },
  })
  const changes = plan.kind === 'planned' ? plan.changes : []
  const going = hostReport('a', { guards, changes, leaves: true })
  const protection = (kind: RunReport['kind'], host = going) =>
    jsonOfRun(runReport(kind, [host], ofRemove)).hosts.map((one) => one.protection)

  it('does not call a guard drifted because it was to go', () => {
    expect(protection('pending')).toEqual(['unknown'])
    expect(protection('refused')).toEqual(['unknown'])
    const back = { ...going, outcome: { kind: 'rolled-back' } } as const
    expect(protection('rolled-back', back)).toEqual(['unknown'])
    const gone = { ...going, outcome: { kind: 'committed' } } as const
    expect(protection('done', gone)).toEqual(['unprotected'])
    expect(protection('pending', { ...going, guards: [] })).toEqual(['unprotected'])
  })
})
