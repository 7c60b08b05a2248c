import { describe, expect, it } from 'vitest'
import type { RunReport } from '../../../src/outcomes/run-report.ts'
import type { Finding } from '../../../src/preflight/check.ts'
import { jsonOfRun } from '../../../src/report/run-json.ts'
import { renderText } from '../../../src/report/run-text.ts'
import { contentOf } from '../contract.ts'
import {
  failed,
  fresh,
  hostReport,
  names,
  noPaint,
  ofApply,
  ofPreflight,
  passed,
  runReport,
  unreached,
} from '../run.ts'

function text(report: RunReport, verbose = false): string {
  return renderText(report, verbose, noPaint).join('\n')
}

const warning: Finding = {
  id: 'unguarded-interfaces',
  result: { kind: 'warn', reason: 'ens19 does.', remedy: 'List it.' },
}

describe('checkLines', () => {
  it('tells the checks that passed where they are what was asked for', () => {
    const report = runReport(
      'audited',
      [hostReport('node1', { changes: fresh }), hostReport('node2')],
      ofPreflight,
    )
    expect(text(report)).toContain('ok    reachable                                  2 hosts')
    expect(text(report)).toMatch(
      /preflight: all checks passed on 2 hosts; apply would change 1 host\.$/,
    )
    expect(text({ ...report, ...ofApply, kind: 'pending' })).not.toContain('CHECKS')
    expect(text({ ...report, ...ofApply, kind: 'pending' }, true)).toContain('CHECKS')
  })

  it('counts a check that could not be judged for nothing, and says so where all are told', () => {
    const unjudged: Finding = {
      id: 'cluster-ips',
      result: { kind: 'unjudged', reason: 'no place' },
    }
    const report = runReport('refused', [
      hostReport('a', { findings: [passed, unjudged, failed('position')] }),
      hostReport('b', { findings: [passed, { ...passed, id: 'cluster-ips' }] }),
    ])
    expect(text(report)).not.toContain('no place')
    expect(text(report)).toMatch(/a {4}: ok=1 .*failed=1/)
    expect(text(report, true)).toContain(
      'ok    ClusterIPs are closed to outsiders         1 host\n-     not checked on a: "ClusterIPs are closed to outsiders"\n      because no place\n',
    )
  })

  it('never says that all checks passed where one warns', () => {
    const report = runReport(
      'audited',
      [hostReport('a', { findings: [passed, warning] })],
      ofPreflight,
    )
    expect(text(report)).toMatch(/preflight: no check failed on 1 host, 1 warning; there is/)
    expect(text(report)).toContain('To accept known warnings: fw_accept: [unguarded-interfaces]')
    const leaving = hostReport('a', { findings: [passed, { ...warning, id: 'known-nodes' }] })
    expect(text(runReport('audited', [leaving], ofPreflight))).not.toContain('To accept')
  })

  it('shows a warning that is accepted in one line, and does not count it', () => {
    const accepted: Finding = { ...warning, accepted: true }
    const report = runReport(
      'audited',
      [hostReport('a', { findings: [passed, accepted] })],
      ofPreflight,
    )
    expect(text(report)).toContain(
      '\nwarn  another interface leads to pods: a (accepted by fw_accept)\n\n',
    )
    expect(text(report)).toContain('warned=0')
    expect(text(report)).toMatch(/preflight: all checks passed on 1 host;/)
    expect(contentOf('apply', jsonOfRun(report))).toMatchObject({
      hosts: [{ checks: [{}, { id: 'unguarded-interfaces', result: 'warn', accepted: true }] }],
    })
  })

  it('tells once of hosts that cannot be reached for the same reason, each at its address', () => {
    const down = names(100).map((name, index) => {
      const address = `192.0.2.${index + 1}`
      const finding = failed('connection', `${address} port 22 does not answer.`, 'Look.')
      return hostReport(name, { ...unreached(finding), address })
    })
    const checks = text(runReport('refused', down)).split('\n\n')[0]
    expect(checks).toBe(`CHECKS
FAIL  cannot be reached: node01, node02, node03, node04 and 96 more
      192.0.2.1 port 22 does not answer.
      (This text is for node01. For the others, only the address differs.)
   -> Look.`)
  })

  it('folds faults that differ from host to host, unless all are asked for', () => {
    const odd = names(50).map((name) =>
      hostReport(name, unreached(failed('host-key', `key of ${name}`))),
    )
    const report = runReport('refused', odd)
    expect(text(report)).toContain(
      'FAIL  host key not trusted: node05, node06, node07, node08 and 42 more\n      each host has its own reason: -v shows all\n',
    )
    expect(text(report, true)).toContain('key of node50')
  })
})
