import { describe, expect, it } from 'vitest'
import { wantedChain } from '../../../src/guard/mangle-chain.ts'
import type { RunReport } from '../../../src/outcomes/run-report.ts'
import type { Change } from '../../../src/plan/change.ts'
import { renderText } from '../../../src/report/run-text.ts'
import { mangleIntent } from '../../guard/mangle-intent.ts'
import { drifted, fresh, hostReport, names, noPaint, ofStatus, runReport } from '../run.ts'

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

  it('tells what would change of a chain, in words and as rules', () => {
    const before = wantedChain(mangleIntent, 4)
    const after = wantedChain({ ...mangleIntent, podCidrs: ['10.50.0.0/16'] }, 4)
    const lines = (change: Partial<Extract<Change, { kind: 'chain' }>>, diff = false): string => {
      const whole = { kind: 'chain', family: 4, before, after, ...change } as const
      return text(runReport('pending', [hostReport('node1', { changes: [whole] })], { diff }))
    }
    const name = 'chain FW-RUN of mangle (iptables)'
    expect(lines({ before: undefined })).toContain(
      `create ${name}: close 10.50.0.0/16, 10.43.0.0/16 on ens18`,
    )
    expect(lines({ after: undefined })).toContain(`delete ${name}`)
    expect(lines({})).toContain(`change ${name}: close 10.50.0.0/16`)
    expect(lines({})).toContain(`change ${name}: open 10.42.0.0/16`)
    const moved = before && {
      ...before,
      jumps: before.jumps.map((jump) => ({ ...jump, position: 3 })),
    }
    expect(lines({ after: moved })).toContain(`move the rule that leads to ${name} from 1 to 3`)
    expect(lines({}, true)).toContain('- iptables: -t mangle -A FW-RUN -d 10.42.0.0/16 -j DROP')
    expect(lines({}, true)).not.toContain('PREROUTING')
  })

  it('paints what comes and goes in a diff', () => {
    const report = runReport('pending', [hostReport('a', { changes: drifted })], { diff: true })
    const painted = renderText(report, false, (style, words) => `<${style}>${words}`)
    expect(painted).toContain('    <red>- add cluster_nodes 192.0.2.99')
    expect(painted).toContain('    <green>+ add cluster_nodes 192.0.2.12')
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
    expect(shown).toMatch(/status: not protected: node01, node02\. To protect: `fw-run apply`\.$/)
  })
})
