import { describe, expect, it } from 'vitest'
import { summary } from '../../src/report/run-summary.ts'
import { failed, fresh, hostReport, runReport } from './run.ts'

describe('summary', () => {
  const changed = hostReport('a', { changes: fresh, outcome: { kind: 'committed' } })
  const broken = hostReport('b', { findings: [failed('root')] })
  const unsure = hostReport('c', { outcome: { kind: 'incomplete', left: 'x', remedy: 'y' } })
  it.each([
    ['changed 1 of 2', runReport('done', [changed, hostReport('b')])],
    ['nothing to do', runReport('done', [hostReport('b')])],
    [
      'changed 1 of 1; could not read a again',
      runReport('done', [changed], { watched: { seconds: 180, refreshed: [], unread: ['a'] } }),
    ],
    ['done, but no longer as planned', runReport('moved', [changed])],
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
      'interrupted; rolled back',
      runReport('interrupted', [
        hostReport('a', {
          outcome: { kind: 'rolled-back' },
          fault: { step: 'apply', kind: 'lost', reason: 'ended after Ctrl-C' },
        }),
      ]),
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
    ['not complete on c', runReport('done', [changed, unsure])],
  ])('is %s', (words, report) => {
    expect(summary(report)).toBe(words)
  })
})
