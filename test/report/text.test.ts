import { describe, expect, it } from 'vitest'
import { exitCode, type RunReport } from '../../src/report/run-report.ts'
import { renderText } from '../../src/report/text.ts'
import {
  drifted,
  failed,
  fresh,
  guards,
  hostReport,
  names,
  noPaint,
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
    take from set cluster_nodes: 192.0.2.99
    move the rule from 2 to 4 of FORWARD

RECAP
node4 : ok=1   changed=0   warned=0   failed=0   unreachable=0   undone=0
node1 : ok=1   changed=2   warned=0   failed=0   unreachable=0   undone=0
node2 : ok=1   changed=2   warned=0   failed=0   unreachable=0   undone=0
node3 : ok=1   changed=2   warned=0   failed=0   unreachable=0   undone=0

apply: done, 3 of 4 hosts changed.`)
  })

  it('tells what would change as rules, when asked for a diff', () => {
    const report = runReport('pending', [hostReport('node1', { changes: drifted })], { diff: true })
    expect(text(report)).toBe(`TO BE CHANGED
  1 host: node1
    - add cluster_nodes 192.0.2.99
    + add cluster_nodes 192.0.2.12
    - 2: -A FORWARD -i ens18 -m set ! --match-set cluster_nodes src -j REJECT --reject-with icmp-port-unreachable
    + 4: -A FORWARD -i ens18 -m set ! --match-set cluster_nodes src -j REJECT --reject-with icmp-port-unreachable

RECAP
node1 : ok=1   changed=0   warned=0   failed=0   unreachable=0   undone=0

apply: nothing was changed; apply would change 1 host.`)
  })

  it('tells why a run was refused, each reason once, with its remedy', () => {
    const locked = failed('no other run holds the host', 'held by ann', 'Wait.')
    const report = runReport('refused', [
      hostReport('node1', { changes: fresh }),
      hostReport('node2', { findings: [passed, locked] }),
      hostReport('node3', { findings: [passed, locked] }),
      hostReport('node4', unreached(failed('reachable', 'No route.\nNone at all.', 'Look.'))),
    ])
    expect(text(report)).toBe(`CHECKS
FAIL  reachable: node4
      No route.
      None at all.
   -> Look.
FAIL  no other run holds the host: node2, node3
      held by ann
   -> Wait.

RECAP
node1 : ok=1   changed=0   warned=0   failed=0   unreachable=0   undone=0
node2 : ok=1   changed=0   warned=0   failed=1   unreachable=0   undone=0
node3 : ok=1   changed=0   warned=0   failed=1   unreachable=0   undone=0
node4 : ok=0   changed=0   warned=0   failed=0   unreachable=1   undone=0

apply: refused, nothing was changed. Not ready: node2, node3, node4.`)
  })

  it('tells what was taken back, and because of whom', () => {
    const fault = { step: 'apply', kind: 'failed', reason: 'iptables failed' } as const
    const report = runReport('rolled-back', [
      hostReport('node1', { ...back, changes: fresh }),
      hostReport('node2', { ...back, changes: fresh, fault }),
    ])
    expect(text(report)).toBe(`TAKEN BACK
  2 hosts: node1, node2; was done and undone:
    create set cluster_nodes with 2 members
    insert rule 4 of FORWARD: -i ens18 -m set ! --match-set cluster_nodes src -j REJECT --reject-with icmp-port-unreachable

FAULTS
  node2 at apply:
      iptables failed

RECAP
node1 : ok=1   changed=0   warned=0   failed=0   unreachable=0   undone=2
node2 : ok=1   changed=0   warned=0   failed=1   unreachable=0   undone=2

apply: rolled back because of node2; every host is as it was.`)
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
  node1 NOT AS IT WAS:
      set x is there
   -> Take it off.`)
    expect(shown).toMatch(/apply: ROLLBACK NOT COMPLETE on node1; every other host is as it was\.$/)
  })

  it('says of a host that nobody has seen since that its state is not known', () => {
    const outcome = {
      kind: 'incomplete',
      unseen: true,
      left: 'not seen to be as before: no route to host',
      remedy: 'Look.',
    } as const
    const shown = text(runReport('rolled-back', [hostReport('node1', { outcome })]))
    expect(shown).toContain('node1 STATE NOT KNOWN:\n      not seen to be as before')
    expect(shown).toContain('failed=0   unreachable=1')
  })

  it('says of a host that was lost when it held its change where that was', () => {
    const fault = { step: 'hold', kind: 'lost', reason: 'the link was cut' } as const
    const shown = text(runReport('rolled-back', [hostReport('node1', { ...back, fault })]))
    expect(shown).toContain('FAULTS\n  node1 before it was kept:\n      the link was cut\n')
    expect(shown).toContain('failed=0   unreachable=1')
  })

  it('knows a host that had not heard from us, which is no host that cannot be reached', () => {
    const fault = { step: 'hold', kind: 'unheard', reason: 'nothing was heard' } as const
    const report = runReport('rolled-back', [hostReport('node1', { ...back, fault })])
    expect(exitCode(report)).toBe(2)
    expect(text(report)).toContain('   -> This machine, or the link to that host, stalled')
    expect(text(report)).toContain('failed=1   unreachable=0')
  })

  it('says what remove would change, not apply', () => {
    const report = runReport('pending', [hostReport('a', { changes: fresh })], {
      command: 'remove',
    })
    expect(text(report)).toMatch(/remove: nothing was changed; remove would change 1 host\.$/)
  })

  it('says of hosts that a run holds that they may not stay so; exit code 3', () => {
    const held = { guards, heldBy: 'run 20261123-041500-3f9a by ann@jump, fw-run apply' }
    const hosts = [hostReport('a', held), hostReport('b', { guards })]
    const report = runReport('done', hosts, { command: 'status' })
    expect(text(report)).toMatch(
      /status: 2 hosts protected for now, held by run 20261123-041500-3f9a: what it changed may yet be taken back\.$/,
    )
    expect(exitCode(report)).toBe(3)
    expect(text({ ...report, kind: 'pending' })).toMatch(/\. Held by run \S+: what it changed/)
  })

  it('says of a commit that nobody confirmed what the others did', () => {
    const outcome = { kind: 'incomplete', left: 'not confirmed', remedy: 'Again.' } as const
    const shown = text(
      runReport('done', [hostReport('node1', { outcome }), hostReport('node2', committed)]),
    )
    expect(shown).toMatch(
      /NOT SURE OF ALL HOSTS: node1 did not confirm; the others keep the change\.$/,
    )
    expect(shown).not.toContain('as it was')
  })

  it('tells of each host how well it is protected, and how much it turned away', () => {
    const report = runReport(
      'pending',
      [
        hostReport('node1', { guards, turnedAway: { packets: 1234567n, bytes: 98765432100n } }),
        hostReport('node2', { guards, changes: drifted, turnedAway: { packets: 0n, bytes: 0n } }),
        hostReport('node3', { changes: fresh }),
        hostReport('node4', unreached(failed('reachable'))),
      ],
      { command: 'status' },
    )
    expect(text(report)).toContain(`RECAP
node1 : protected   rule=4   packets=1234567 bytes=98765432100
node2 : drifted     rule=4   packets=0      bytes=0
node3 : unprotected
node4 : unreachable
`)
  })

  it('tells the checks that passed where they are what was asked for', () => {
    const report = runReport(
      'audited',
      [hostReport('node1', { changes: fresh }), hostReport('node2')],
      { command: 'preflight' },
    )
    expect(text(report)).toContain('ok    reachable                                  2 hosts')
    expect(text(report)).toMatch(
      /preflight: all checks passed on 2 hosts; apply would change 1 host\.$/,
    )
    expect(text({ ...report, command: 'apply', kind: 'pending' })).not.toContain('CHECKS')
    expect(text({ ...report, command: 'apply', kind: 'pending' }, true)).toContain('CHECKS')
  })

  it('passes notes on', () => {
    const report = runReport(
      'done',
      [hostReport('a', { notes: ['set x stays'] }), hostReport('b', { notes: ['set x stays'] })],
      { command: 'remove' },
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
        names(50).map((name) => hostReport(name, { findings: [failed('room in /run')] })),
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
        { command: 'status' },
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

describe('renderText of a plan', () => {
  it('shows FORWARD with the window of good places, and what becomes of traffic', () => {
    const place = {
      kind: 'placed',
      position: 3,
      good: [2, 3],
      chain: [
        '-A FORWARD -j cali-FORWARD',
        '-A FORWARD -j DOCKER',
        '-A FORWARD -d 10.42.0.0/16 -j ACCEPT',
      ],
      traffic: [
        { title: 'neighbour → a pod here, TCP', before: 'accepted', after: 'rejected' },
        { title: 'node → pod here', before: 'accepted', after: 'accepted' },
      ],
    } as const
    const hosts = [hostReport('node1', { place }), hostReport('node2', { place })]
    expect(text(runReport('audited', hosts, { command: 'preflight' }))).toContain(`TRAFFIC
  2 hosts: node1, node2; good places in FORWARD: 2-3
       1  -j cali-FORWARD
  |    2  -j DOCKER
  >    3  -d 10.42.0.0/16 -j ACCEPT
       4  (end)
    neighbour → a pod here, TCP                    accepted → rejected
    node → pod here                                accepted
`)
  })
})
