import { describe, expect, it } from 'vitest'
import type { RunReport } from '../../../src/outcomes/run-report.ts'
import { renderText } from '../../../src/report/run-text.ts'
import {
  drifted,
  fresh,
  hostReport,
  names,
  noPaint,
  ofRemove,
  ofStatus,
  runReport,
} from '../run.ts'

function text(report: RunReport, verbose = false): string {
  return renderText(report, verbose, noPaint).join('\n')
}

describe('changeSections', () => {
  it('tells what would change as rules, when asked for a diff', () => {
    const report = runReport('pending', [hostReport('node1', { changes: drifted })], { diff: true })
    expect(text(report)).toBe(`TO BE CHANGED
  1 host: node1
    - add cluster_nodes 192.0.2.99
    + add cluster_nodes 192.0.2.12
    - 2: -A FORWARD -i ens18 -m set ! --match-set cluster_nodes src -j REJECT --reject-with icmp-port-unreachable
    + 4: -A FORWARD -i ens18 -m set ! --match-set cluster_nodes src -j REJECT --reject-with icmp-port-unreachable

RECAP
node1 : ok=1   changed=0   warned=0   failed=0   unreachable=0   rolledback=0

apply: nothing was changed; apply would change 1 host.`)
  })

  it('paints what comes and goes in a diff', () => {
    const report = runReport('pending', [hostReport('a', { changes: drifted })], { diff: true })
    const painted = renderText(report, false, (style, words) => `<${style}>${words}`)
    expect(painted).toContain('    <red>- add cluster_nodes 192.0.2.99')
    expect(painted).toContain('    <green>+ add cluster_nodes 192.0.2.12')
  })

  it('shows hosts together whose sets differ only in what each kernel chose', () => {
    const removed = (type: string, ...members: readonly string[]) =>
      [{ kind: 'set', name: 'x', before: { type, members }, after: undefined }] as const
    const type = 'hash:ip family inet maxelem 65536'
    const hosts = [
      hostReport('a', {
        changes: removed(`${type} hashsize 64 initval 0x1`, '10.0.0.9', '10.0.0.10'),
      }),
      hostReport('b', {
        changes: removed(`${type} bucketsize 12 initval 0x2`, '10.0.0.10', '10.0.0.9'),
      }),
    ]
    expect(text(runReport('pending', hosts, { ...ofRemove, diff: true }))).toContain(
      `  2 hosts: a, b\n    - create x ${type}\n    - add x 10.0.0.9\n    - add x 10.0.0.10\n\n`,
    )
  })

  it('counts a host with a set and no rule as unprotected', () => {
    const bare = hostReport('a', { changes: drifted })
    const shown = text(runReport('pending', [bare], ofStatus))
    expect(shown).toMatch(/^UNPROTECTED: apply would do this\n/)
    expect(shown).toContain('a    : unprotected')
  })

  it('calls a cluster that was never protected so, and not drifted', () => {
    const hosts = names(2).map((name) => hostReport(name, { changes: fresh }))
    const shown = text(runReport('pending', hosts, ofStatus))
    expect(shown).toMatch(/^UNPROTECTED: apply would do this\n {2}2 hosts/)
    expect(shown).not.toContain('DRIFTED')
    expect(shown).toMatch(/status: not protected: node01, node02\. `fw-run apply` protects them\.$/)
  })
})
