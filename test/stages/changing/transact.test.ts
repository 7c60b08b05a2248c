import { describe, expect, it } from 'vitest'
import type { RunReport } from '../../../src/outcomes/run-report.ts'
import { needsTransaction } from '../../../src/stages/changing/transact.ts'
import type { ExaminedCluster } from '../../../src/stages/examine.ts'
import { factsWith, host } from '../../preflight/subject.ts'
import { runReport } from '../../report/run.ts'

const kinds: readonly RunReport['kind'][] = ['pending', 'done', 'refused', 'interrupted']

/** The kinds of what was found that lead to a transaction, on a host that reads so. */
function leading(answer: Parameters<typeof factsWith>[0], check = false): readonly string[] {
  const opened = [{ host, findings: [], link: undefined, facts: factsWith(answer) }]
  const cluster = { opened } satisfies Pick<ExaminedCluster, 'opened'>
  return kinds.filter((kind) => needsTransaction(runReport(kind, []), cluster, { check }))
}

const left = 'r1\tann@jump'

describe('needsTransaction', () => {
  it('is only so where something is to be changed', () => {
    expect(leading({})).toEqual(['pending'])
  })

  it('is also so where a dead run has left something, though all is as wanted', () => {
    expect(leading({ unfinished: left })).toEqual(['pending', 'done'])
  })

  it('is not so for a note alone, which needs no question and no watchdog', () => {
    const note = 'rolled-back\tr1\t2026-11-30T14:33:02Z\tconnection-ended'
    expect(leading({ note })).toEqual(['pending'])
  })

  it('is never so with --check', () => {
    expect(leading({ unfinished: left }, true)).toEqual([])
  })
})
