import { describe, expect, it } from 'vitest'
import { beginRun } from '../../src/runs/run.ts'
import type { ExaminedHost } from '../../src/stages/examine.ts'
import { reportOn } from '../../src/stages/report.ts'
import { forward, hostState, intent } from '../plan/host-state.ts'
import { host } from '../preflight/subject.ts'

describe('reportOn', () => {
  it('is never done where status finds a host without its guard, whatever is planned', () => {
    const inventory = {
      ...{ file: 'hosts.yaml', origin: 'hosts.yaml', hosts: [host], nodes: [host] },
      ...{
        hostsToProtect: [host],
        group: 'all',
        groups: new Map(),
        warnings: [],
        files: new Map(),
      },
    }
    const bare: ExaminedHost = {
      ...{ host, findings: [], link: undefined, facts: undefined },
      examined: {
        ...{ state: hostState(forward()), intent },
        plan: { kind: 'planned', changes: [], notes: [] },
      },
    }
    const view = { emit: () => {}, flushed: async () => {} }
    const run = beginRun('status', 4, view, new AbortController().signal)
    const kindFor = (purpose: 'look' | 'change') =>
      reportOn(
        {
          ...{ inventory, hosts: [host], unfinished: [], examined: [bare] },
          ...{ purpose, goal: { kind: 'protect' } },
        },
        { diff: false },
        run,
      ).kind
    expect(kindFor('look')).toBe('pending')
    expect(kindFor('change')).toBe('done')
  })
})
