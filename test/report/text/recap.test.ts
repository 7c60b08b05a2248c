import { describe, expect, it } from 'vitest'
import type { RunReport } from '../../../src/outcomes/run-report.ts'
import { renderText } from '../../../src/report/run-text.ts'
import {
  drifted,
  failed,
  fresh,
  guards,
  hostReport,
  names,
  noPaint,
  ofStatus,
  runReport,
  unreached,
} from '../run.ts'

function text(report: RunReport, verbose = false): string {
  return renderText(report, verbose, noPaint).join('\n')
}

describe('recap', () => {
  it('folds many equal lines of the recap, and keeps hosts in trouble apart', () => {
    const good = names(30).map((name) => hostReport(name))
    const bad = hostReport('node31', unreached(failed('connection')))
    const shown = text(runReport('refused', [bad, ...good]))
    expect(shown).toContain(`RECAP
30 hosts : ok=1   changed=0   warned=0   failed=0   unreachable=0   rolledback=0
    node[01:30]
node31   : ok=0   changed=0   warned=0   failed=0   unreachable=1   rolledback=0
`)
    expect(
      text(
        runReport(
          'done',
          names(20).map((name) => hostReport(name)),
        ),
      ),
    ).toContain('node20 :')
  })

  it('tells of each host how well it is protected, and how much it turned away', () => {
    const report = runReport(
      'pending',
      [
        hostReport('node1', { guards, rejected: { packets: 1234567n, bytes: 98765432100n } }),
        hostReport('node2', { guards, changes: drifted, rejected: { packets: 0n, bytes: 0n } }),
        hostReport('node3', { changes: fresh }),
        hostReport('node4', unreached(failed('connection'))),
        hostReport('node5', { guards, findings: [failed('interface')] }),
      ],
      ofStatus,
    )
    expect(text(report)).toContain(`RECAP
node1 : protected   rule=4   packets=1234567 bytes=98765432100
node2 : drifted     rule=4   packets=0       bytes=0
node3 : unprotected
node5 : check-fails rule=4   packets=0       bytes=0
node4 : unreachable
`)
  })

  it('keeps the columns of the recap whatever stands in them', () => {
    const hosts = [
      hostReport('a', { guards: [...guards, ...guards], changes: drifted }),
      hostReport('b', { guards }),
    ]
    const lines = text(runReport('pending', hosts, ofStatus)).split('\n')
    const [a = '', b = ''] = lines.slice(lines.indexOf('RECAP') + 1)
    expect(a).toContain('rule=4,4 packets')
    expect(a.indexOf('packets=')).toBe(b.indexOf('packets='))
  })
})
