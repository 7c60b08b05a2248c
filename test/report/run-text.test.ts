import { describe, expect, it } from 'vitest'
import { exitCode } from '../../src/outcomes/exit-code.ts'
import type { RunReport } from '../../src/outcomes/run-report.ts'
import { jsonOfRun } from '../../src/report/run-json.ts'
import { renderQuestion, renderQuietly, renderText } from '../../src/report/run-text.ts'
import { contentOf } from './contract.ts'
import {
  drifted,
  failed,
  fresh,
  guards,
  hostReport,
  names,
  noPaint,
  ofRemove,
  ofStatus,
  passed,
  runReport,
  unreached,
} from './run.ts'

function text(report: RunReport, verbose = false): string {
  return renderText(report, verbose, noPaint).join('\n')
}

const committed = { outcome: { kind: 'committed' } } as const
const back = { outcome: { kind: 'rolled-back' } } as const

describe('renderText', () => {
  it('tells what an apply changed, equal hosts together', () => {
    const report = runReport('done', [
      hostReport('node1', { ...committed, changes: fresh }),
      hostReport('node2', { ...committed, changes: fresh }),
      hostReport('node3', { ...committed, changes: drifted }),
      hostReport('node4'),
    ])
    expect(text(report)).toBe(`CHANGED
  2 hosts: node1, node2
    create set cluster_nodes with 2 members
    insert rule 4 of FORWARD: -i ens18 -m set ! --match-set cluster_nodes src -j REJECT --reject-with icmp-port-unreachable
  1 host: node3
    add to set cluster_nodes: 192.0.2.12
    remove from set cluster_nodes: 192.0.2.99
    move the rule from 2 to 4 of FORWARD

RECAP
node1 : ok=1   changed=2   warned=0   failed=0   unreachable=0   rolledback=0
node2 : ok=1   changed=2   warned=0   failed=0   unreachable=0   rolledback=0
node3 : ok=1   changed=3   warned=0   failed=0   unreachable=0   rolledback=0
node4 : ok=1   changed=0   warned=0   failed=0   unreachable=0   rolledback=0

apply: done, 3 of 4 hosts changed.`)
  })

  it('tells why a run was refused, each reason once, with its remedy', () => {
    const locked = failed('other-run', 'held by ann', 'Wait.')
    const report = runReport('refused', [
      hostReport('node1', { changes: fresh }),
      hostReport('node2', { findings: [passed, locked] }),
      hostReport('node3', { findings: [passed, locked] }),
      hostReport('node4', unreached(failed('connection', 'No route.\nNone at all.', 'Look.'))),
    ])
    expect(text(report)).toBe(`CHECKS
FAIL  cannot be reached: node4
      No route.
      None at all.
   -> Look.
FAIL  another run holds the host: node2, node3
      held by ann
   -> Wait.

RECAP
node1 : ok=1   changed=0   warned=0   failed=0   unreachable=0   rolledback=0
node2 : ok=1   changed=0   warned=0   failed=1   unreachable=0   rolledback=0
node3 : ok=1   changed=0   warned=0   failed=1   unreachable=0   rolledback=0
node4 : ok=0   changed=0   warned=0   failed=0   unreachable=1   rolledback=0

apply: refused, nothing was changed. Not ready: node2, node3, node4. To go on without node4, add \`--limit '!node4'\` to the command.`)
  })

  it('tells what was rolled back, and because of which host', () => {
    const fault = { step: 'apply', kind: 'failed', reason: 'iptables failed' } as const
    const report = runReport('rolled-back', [
      hostReport('node1', { ...back, changes: fresh }),
      hostReport('node2', { ...back, changes: fresh, fault }),
    ])
    expect(text(report)).toBe(`ROLLED BACK
  2 hosts: node1, node2; done, then rolled back:
    create set cluster_nodes with 2 members
    insert rule 4 of FORWARD: -i ens18 -m set ! --match-set cluster_nodes src -j REJECT --reject-with icmp-port-unreachable

FAULTS
  node2 at apply:
      iptables failed
   -> Remove the cause on that host, then run the same command again.

RECAP
node1 : ok=1   changed=0   warned=0   failed=0   unreachable=0   rolledback=2
node2 : ok=1   changed=0   warned=0   failed=1   unreachable=0   rolledback=2

apply: rolled back because of node2; every host is as before.`)
  })

  it('shouts when a host is not as it was, and never says that every host is', () => {
    const fault = { step: 'apply', kind: 'lost', reason: 'the link was cut' } as const
    const outcome = { kind: 'incomplete', left: 'set x is there', remedy: 'Take it off.' } as const
    const shown = text(
      runReport('rolled-back', [
        hostReport('node1', { changes: fresh, fault, outcome }),
        hostReport('node2', { ...back, changes: fresh }),
      ]),
    )
    expect(shown).toContain(`FAULTS
  node1 at apply:
      the link was cut
  node1 NOT AS BEFORE:
      set x is there
   -> Take it off.`)
    expect(shown).toMatch(
      /apply: ROLLBACK NOT COMPLETE on node1; others are as before\. Run `fw-run recover`\.$/,
    )
  })

  it('says of a host that nobody has seen since that its state is not known', () => {
    const outcome = {
      kind: 'incomplete',
      unseen: true,
      left: 'fw-run could not check that the host is as before: no route to host',
      remedy: 'Look.',
    } as const
    const shown = text(runReport('rolled-back', [hostReport('node1', { outcome })]))
    expect(shown).toContain(
      'node1 STATE NOT KNOWN:\n      fw-run could not check that the host is as before',
    )
    expect(shown).toContain('failed=0   unreachable=1')
  })

  it('says of a host that was lost when it held its change where that was', () => {
    const fault = { step: 'hold', kind: 'lost', reason: 'the link was cut' } as const
    const shown = text(runReport('rolled-back', [hostReport('node1', { ...back, fault })]))
    expect(shown).toContain(
      'FAULTS\n  node1 after apply, before the commit:\n      the link was cut\n',
    )
    expect(shown).toContain('failed=0   unreachable=1')
  })

  it('knows a host that had not heard from us, which is no host that cannot be reached', () => {
    const fault = { step: 'hold', kind: 'unheard', reason: 'nothing was heard' } as const
    const report = runReport('rolled-back', [hostReport('node1', { ...back, fault })])
    expect(exitCode(report)).toBe(2)
    expect(text(report)).toContain(
      '   -> The jump host stood still, or the network was down, for longer',
    )
    expect(text(report)).toContain('failed=1   unreachable=0')
  })

  it('passes notes on', () => {
    const report = runReport(
      'done',
      [hostReport('a', { notes: ['set x stays'] }), hostReport('b', { notes: ['set x stays'] })],
      ofRemove,
    )
    expect(text(report)).toContain('NOTES\n  a, b: set x stays')
  })

  it.each<[string, RunReport]>([
    [
      'done',
      runReport(
        'done',
        names(50).map((name) => hostReport(name, { ...committed, changes: fresh })),
      ),
    ],
    [
      'refused',
      runReport(
        'refused',
        names(50).map((name) => hostReport(name, { findings: [failed('run-space')] })),
      ),
    ],
    [
      'rolled back',
      runReport(
        'rolled-back',
        names(50).map((name) =>
          hostReport(name, { ...back, fault: { step: 'apply', kind: 'failed', reason: 'x' } }),
        ),
      ),
    ],
    [
      'not complete',
      runReport(
        'rolled-back',
        names(50).map((name) =>
          hostReport(name, { outcome: { kind: 'incomplete', left: 'x', remedy: 'y' } }),
        ),
      ),
    ],
    [
      'status',
      runReport(
        'pending',
        names(50).map((name) => hostReport(name, { changes: fresh })),
        ofStatus,
      ),
    ],
  ])('folds 50 hosts into lines that fit: %s', (_, report) => {
    const lines = renderText(report, true, noPaint)
    const long = lines.filter((line) => line.length > 80 && !line.includes('-m set'))
    expect(long.filter((line) => !/^(apply|status): /.test(line))).toEqual([])
    for (const line of lines) expect(line.match(/node\d\d/g)?.length ?? 0).toBeLessThanOrEqual(4)
    expect(lines.at(-1)?.length).toBeLessThan(120)
  })
})

describe('renderText on the terminal where somebody was asked to keep the change', () => {
  const changed = { ...committed, findings: [passed], changes: fresh, notes: ['n'] }
  const report = runReport('done', [hostReport('a', changed)], { asked: true })

  it('does not show again what was shown before the question', () => {
    expect(renderQuestion(report, noPaint).join('\n')).toMatch(
      /^NOTES\n {2}a: n\n\nCHANGED\n {2}1 host: a\n {4}create set/,
    )
    expect(text(report)).toContain('CHANGED')
    expect(renderText(report, false, noPaint, true).join('\n')).not.toContain('CHANGED')
  })

  it('names in the question who is left out', () => {
    const down = hostReport('b', { tolerated: true, known: false })
    const asked = { ...report, hosts: [...report.hosts, down], leftOut: ['c'] }
    expect(renderQuestion(asked, noPaint).join('\n')).toContain(
      'LEFT OUT\n  --limit excluded 1 host. fw-run did not look at: c.\n  --tolerate-unreachable left out b.\n\nCHANGED',
    )
    expect(contentOf('apply', jsonOfRun(asked))).toMatchObject({ leftOut: 1, tolerated: ['b'] })
  })

  it('shows what differs from that', () => {
    const again = hostReport('a', { ...changed, made: fresh, changes: drifted, guards })
    const moved = runReport('moved', [again], { asked: true })
    const then = renderText(moved, false, noPaint, true).join('\n')
    expect(then).toMatch(/^CHANGED\n {2}1 host: a\n.*^TO BE CHANGED AGAIN: apply would/ms)
    expect(then).toMatch(/a +: ok=1 +changed=[1-9]/)
    const fault = { step: 'hold', kind: 'lost', reason: 'x' } as const
    const back = hostReport('a', { fault, changes: fresh, outcome: { kind: 'rolled-back' } })
    const lost = renderText(runReport('rolled-back', [back]), false, noPaint, true)
    expect(lost.join('\n')).toContain('ROLLED BACK')
  })
})

describe('renderText with --limit', () => {
  it.each([
    [2, '2 hosts. fw-run did not look at: node01, node02.'],
    [9, '9 hosts. fw-run did not look at: node01, node02, node03, node04 and 5 more.'],
  ])('a run names hosts that --limit left out, a few of %i', (count, said) => {
    const report = runReport('done', [hostReport('node99')], { leftOut: names(count) })
    expect(renderText(report, false, noPaint)).toContain(`--limit excluded ${said}`)
    expect(contentOf('apply', jsonOfRun(report))).toMatchObject({ leftOut: count })
  })

  it('a run that left none out says nothing of --limit', () => {
    const report = runReport('done', [hostReport('node1')])
    expect(renderText(report, false, noPaint).join('\n')).not.toContain('--limit')
  })
})

describe('renderQuietly', () => {
  const warned = { kind: 'warn', reason: 'It is so.', remedy: 'Mend it.' } as const
  const warning = { id: 'cluster-ips', result: warned } as const

  it('of a run that went well shows the recap only', () => {
    const host = hostReport('node1', {
      ...{ ...committed, changes: fresh, notes: ['odd'] },
      findings: [passed, warning],
    })
    expect(renderQuietly(runReport('done', [host]), noPaint).join('\n')).toBe(`RECAP
node1 : ok=1   changed=2   warned=1   failed=0   unreachable=0   rolledback=0

apply: done, 1 of 1 host changed.`)
  })

  it('shows each check that fails and each fault', () => {
    const hosts = [
      hostReport('node1', { findings: [warning, failed('run-space')] }),
      hostReport('node2', { fault: { step: 'apply', kind: 'failed', reason: 'no space' } }),
    ]
    const lines = renderQuietly(runReport('refused', hosts), noPaint).join('\n')
    expect(lines).toMatch(/^CHECKS\nFAIL {2}not enough space in \/run: node1\n.*It is so\./)
    expect(lines).toContain('no space')
    expect(lines).not.toContain('ClusterIPs')
  })
})

describe('a run that nobody confirmed before it changed anything', () => {
  const objections = [{ kind: 'unconfirmed', reason: 'the answer was no' }] as const
  const declined = runReport('declined', [hostReport('node1', { changes: fresh })], { objections })

  it('says that nothing was changed', () => {
    expect(text(declined)).toContain('NOT CONFIRMED\n  the answer was no: nothing was changed\n')
    expect(text(declined)).toMatch(/\napply: you did not say yes, so nothing was changed\.$/)
    expect(exitCode(declined)).toBe(130)
  })

  it('is declined for programs, and its changes are pending', () => {
    expect(contentOf('apply', jsonOfRun(declined))).toMatchObject({
      outcome: 'declined',
      hosts: [{ state: 'pending' }],
    })
  })
})
