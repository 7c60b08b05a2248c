import { describe, expect, it } from 'vitest'
import type { HostReport, RunReport } from '../../../src/outcomes/run-report.ts'
import { jsonOfRun } from '../../../src/report/run-json.ts'
import { renderText } from '../../../src/report/run-text.ts'
import { contentOf } from '../contract.ts'
import {
  drifted,
  fresh,
  guards,
  hostReport,
  names,
  noPaint,
  ofApply,
  ofPreflight,
  ofStatus,
  runReport,
} from '../run.ts'

function text(report: RunReport, verbose = false): string {
  return renderText(report, verbose, noPaint).join('\n')
}

describe('trafficLines', () => {
  const planned = {
    kind: 'placed',
    position: 4,
    good: [3, 4],
    chain: ['cali-FORWARD', 'DOCKER-USER', 'DOCKER', 'ACCEPT', 'DROP'].map(
      (target) => `-A FORWARD -j ${target}`,
    ),
    traffic: [
      { title: 'outsider → a pod here, TCP', before: 'accepted', after: 'rejected' },
      { title: 'outsider → a pod here, UDP', before: 'dropped', after: 'rejected' },
      { title: 'outsider → a pod here, ping', before: 'accepted', after: 'rejected' },
      { title: 'node → pod here', before: 'accepted', after: 'accepted' },
    ],
  } as const
  const audited = (given: Partial<HostReport>, verbose: boolean): string => {
    const hosts = names(2).map((name) => hostReport(name, { placement: planned, ...given }))
    return text(runReport('audited', hosts, ofPreflight), verbose)
  }

  it('shows what becomes of traffic, and in whole FORWARD as iptables will number it', () => {
    expect(audited({ changes: fresh }, false)).toContain(`TRAFFIC
  2 hosts: node01, node02; good positions in FORWARD: 3-4
    outsider → a pod here, TCP, ping               accepted → rejected
    outsider → a pod here, UDP                     dropped → rejected
    traffic that does not change: 1 kind, shown with -v
`)
    expect(audited({ changes: fresh }, true)).toContain(`TRAFFIC
  2 hosts: node01, node02; good positions in FORWARD: 3-4
       1  -j cali-FORWARD
       2  -j DOCKER-USER
  |    3  -j DOCKER
  >    4  -i ens18 -m set ! --match-set cluster_nodes src -j REJECT --rejec…
       5  -j ACCEPT
       6  -j DROP
       7  (end)
    outsider → a pod here, TCP                     accepted → rejected
    outsider → a pod here, UDP                     dropped → rejected
    outsider → a pod here, ping                    accepted → rejected
    node → pod here                                accepted
`)
  })

  it('shows the rule of fw-run where it stands, if it stays there', () => {
    const [one] = guards
    if (!one) throw new Error('no guard')
    const standing = audited({ guards: [{ ...one, position: 3 }] }, true)
    expect(standing).toMatch(
      /> {4}3 {2}-i ens18 -m set .*\n {7}4 {2}-j DOCKER\n {2}\| {4}5 {2}-j ACCEPT\n/,
    )
  })

  const placement = {
    kind: 'placed',
    position: 1,
    good: [1],
    chain: [],
    traffic: [{ title: 'outsider → pod', before: 'accepted', after: 'rejected' }],
  } as const
  const there = hostReport('a', { placement, guards })
  const moved = hostReport('a', { placement, guards, changes: drifted })

  it('shows traffic as it is where the rule of fw-run does its work already, and only to a person who looks', () => {
    const looked = runReport('done', [there], { ...ofStatus, diff: true })
    expect(text(looked)).toMatch(/outsider → pod +rejected\n/)
    expect(text({ ...looked, ...ofApply })).not.toContain('TRAFFIC')
    expect(contentOf('apply', jsonOfRun(looked))).toMatchObject({
      hosts: [{ traffic: [{ before: 'rejected', after: 'rejected' }] }],
    })
  })

  it('does not claim to know what a rule of fw-run that is mended lets through until then', () => {
    const report = runReport('pending', [moved], { diff: true })
    expect(text(report)).toMatch(/outsider → pod +not certain → rejected\n/)
    expect(contentOf('apply', jsonOfRun(report))).toMatchObject({
      hosts: [{ traffic: [{ before: null }] }],
    })
  })
})
