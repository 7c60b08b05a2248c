import { describe, expect, it } from 'vitest'
import { exitCode } from '../../src/outcomes/exit-code.ts'
import type { HostReport, RunReport } from '../../src/outcomes/run-report.ts'
import type { Finding } from '../../src/preflight/check.ts'
import { jsonOfRun } from '../../src/report/run-json.ts'
import { renderQuestion, renderText } from '../../src/report/run-text.ts'
import {
  drifted,
  failed,
  fresh,
  guards,
  hostReport,
  names,
  noPaint,
  ofApply,
  ofPreflight,
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

apply: refused, nothing was changed. Not ready: node2, node3, node4. To go on without node4: \`--limit '!node4'\`.`)
  })

  it('tells what was taken back, and because of whom', () => {
    const fault = { step: 'apply', kind: 'failed', reason: 'iptables failed' } as const
    const report = runReport('rolled-back', [
      hostReport('node1', { ...back, changes: fresh }),
      hostReport('node2', { ...back, changes: fresh, fault }),
    ])
    expect(text(report)).toBe(`ROLLED BACK
  2 hosts: node1, node2; was done and undone:
    create set cluster_nodes with 2 members
    insert rule 4 of FORWARD: -i ens18 -m set ! --match-set cluster_nodes src -j REJECT --reject-with icmp-port-unreachable

FAULTS
  node2 at apply:
      iptables failed

RECAP
node1 : ok=1   changed=0   warned=0   failed=0   unreachable=0   rolledback=2
node2 : ok=1   changed=0   warned=0   failed=1   unreachable=0   rolledback=2

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
    expect(shown).toContain('FAULTS\n  node1 before the commit:\n      the link was cut\n')
    expect(shown).toContain('failed=0   unreachable=1')
  })

  it('knows a host that had not heard from us, which is no host that cannot be reached', () => {
    const fault = { step: 'hold', kind: 'unheard', reason: 'nothing was heard' } as const
    const report = runReport('rolled-back', [hostReport('node1', { ...back, fault })])
    expect(exitCode(report)).toBe(2)
    expect(text(report)).toContain('   -> This machine, or the link to that host, stalled')
    expect(text(report)).toContain('failed=1   unreachable=0')
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

  it('adds the hosts that cannot be reached to the --limit that was given', () => {
    const hosts = [hostReport('a'), hostReport('b', unreached(failed('connection')))]
    expect(text(runReport('refused', hosts, { leftOut: ['c'] }))).toMatch(
      /Not ready: b\. To go on without b, add `:!b` to --limit\.$/,
    )
  })

  it('counts a host with a set and no rule as unprotected', () => {
    const bare = hostReport('a', { changes: drifted })
    const shown = text(runReport('pending', [bare], ofStatus))
    expect(shown).toMatch(/^UNPROTECTED: apply would do this\n/)
    expect(shown).toContain('a    : unprotected')
  })

  it('says of a watch that Ctrl-C ended that the change is kept', () => {
    const watched = { seconds: 180, refreshed: [], interrupted: true } as const
    const report = runReport('done', [hostReport('a', { ...committed, changes: fresh })], {
      watched,
    })
    expect(text(report)).toMatch(/apply: done, 1 of 1 host changed; the watch was interrupted\.$/)
  })

  it('says what remove would change, not apply', () => {
    const report = runReport('pending', [hostReport('a', { changes: fresh })], {
      ...ofRemove,
    })
    expect(text(report)).toMatch(/remove: nothing was changed; remove would change 1 host\.$/)
  })

  it('says of hosts that a run holds that they may not stay so; exit code 3', () => {
    const held = { guards, heldBy: { run: '20261123-041500-3f9a', who: 'ann@jump, fw-run apply' } }
    const hosts = [hostReport('a', held), hostReport('b', { guards })]
    const report = runReport('done', hosts, ofStatus)
    expect(text(report)).toMatch(
      /status: 2 hosts protected for now, but run 20261123-041500-3f9a is at work and may still roll back its change\.$/,
    )
    expect(exitCode(report)).toBe(3)
    expect(text({ ...report, kind: 'pending' })).toMatch(
      /\. But run \S+ is at work and may still roll back/,
    )
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
        hostReport('node1', { guards, rejected: { packets: 1234567n, bytes: 98765432100n } }),
        hostReport('node2', { guards, changes: drifted, rejected: { packets: 0n, bytes: 0n } }),
        hostReport('node3', { changes: fresh }),
        hostReport('node4', unreached(failed('connection'))),
      ],
      ofStatus,
    )
    expect(text(report)).toContain(`RECAP
node1 : protected   rule=4   packets=1234567 bytes=98765432100
node2 : drifted     rule=4   packets=0       bytes=0
node3 : unprotected
node4 : unreachable
`)
  })

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

describe('renderText where not all is known', () => {
  const warning: Finding = {
    id: 'unguarded-interfaces',
    result: { kind: 'warn', reason: 'ens19 does.', remedy: 'List it.' },
  }

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
      'ok    ClusterIPs are closed to outsiders         1 host\n-     ClusterIPs are closed to outsiders: a\n      skipped: no place\n',
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
    expect(jsonOfRun(report)).toMatchObject({
      hosts: [{ checks: [{}, { id: 'unguarded-interfaces', verdict: 'warn', accepted: true }] }],
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
      (This is node01; the others have the same, each at its own address.)
   -> Look.`)
  })

  it('folds faults that differ from host to host, unless all are asked for', () => {
    const odd = names(50).map((name) =>
      hostReport(name, unreached(failed('host-key', `key of ${name}`))),
    )
    const report = runReport('refused', odd)
    expect(text(report)).toContain(
      'FAIL  host key not trusted: node05, node06, node07, node08 and 42 more\n      each for another reason: -v shows them all\n',
    )
    expect(text(report, true)).toContain('key of node50')
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

  it('calls a cluster that was never protected so, and not drifted', () => {
    const hosts = names(2).map((name) => hostReport(name, { changes: fresh }))
    const shown = text(runReport('pending', hosts, ofStatus))
    expect(shown).toMatch(/^UNPROTECTED: apply would do this\n {2}2 hosts/)
    expect(shown).not.toContain('DRIFTED')
    expect(shown).toMatch(/status: not protected: node01, node02\. `fw-run apply` protects them\.$/)
  })

  it('says what comes next where a host is in trouble', () => {
    const hosts = [
      hostReport('a', { guards, changes: drifted }),
      hostReport('b', unreached(failed('connection'))),
    ]
    const shown = text(runReport('refused', hosts, ofStatus))
    expect(shown).toContain('DRIFTED: apply would do this\n')
    expect(shown).toMatch(/Not as the inventory says: a\. Mend b first, then run `fw-run apply`\.$/)
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

  it('shows what differs from that', () => {
    const moved = renderText({ ...report, kind: 'moved' }, false, noPaint, true)
    expect(moved.join('\n')).toContain('TO BE CHANGED')
    const fault = { step: 'hold', kind: 'lost', reason: 'x' } as const
    const back = hostReport('a', { fault, changes: fresh, outcome: { kind: 'rolled-back' } })
    const lost = renderText(runReport('rolled-back', [back]), false, noPaint, true)
    expect(lost.join('\n')).toContain('ROLLED BACK')
  })
})

describe('renderText of a plan', () => {
  const planned = {
    kind: 'placed',
    position: 4,
    good: [3, 4],
    chain: ['cali-FORWARD', 'DOCKER-USER', 'DOCKER', 'ACCEPT', 'DROP'].map(
      (target) => `-A FORWARD -j ${target}`,
    ),
    traffic: [
      { title: 'outsider → a pod here, TCP', before: 'accepted', after: 'rejected' },
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
    outsider → a pod here, TCP                     accepted → rejected
    traffic that does not change: 1 kinds, shown with -v
`)
    expect(audited({ changes: fresh }, true)).toContain(`TRAFFIC
  2 hosts: node01, node02; good positions in FORWARD: 3-4
       1  -j cali-FORWARD
       2  -j DOCKER-USER
  |    3  -j DOCKER
  >    4  -i ens18 -m set ! --match-set cluster_nodes src -j REJECT --rejec…
  |    5  -j ACCEPT
       6  -j DROP
       7  (end)
    outsider → a pod here, TCP                     accepted → rejected
    node → pod here                                accepted
`)
  })

  it('shows our rule where it stands, if it stays there', () => {
    const [one] = guards
    if (!one) throw new Error('no guard')
    const standing = audited({ guards: [{ ...one, position: 3 }] }, true)
    expect(standing).toMatch(/> {4}3 {2}-i ens18 -m set .*\n {2}\| {4}4 {2}-j DOCKER\n/)
  })

  const placement = {
    kind: 'placed',
    position: 1,
    good: [1],
    chain: [],
    traffic: [{ title: 'neighbour → pod', before: 'accepted', after: 'rejected' }],
  } as const
  const there = hostReport('a', { placement, guards })
  const moved = hostReport('a', { placement, guards, changes: drifted })

  it('shows traffic as it is where our rule does its work already, and only to whoever looks', () => {
    const looked = runReport('done', [there], { ...ofStatus, diff: true })
    expect(text(looked)).toMatch(/neighbour → pod +rejected\n/)
    expect(text({ ...looked, ...ofApply })).not.toContain('TRAFFIC')
    expect(jsonOfRun(looked)).toMatchObject({
      hosts: [{ traffic: [{ before: 'rejected', after: 'rejected' }] }],
    })
  })

  it('does not claim to know what a rule of ours that is mended lets through until then', () => {
    const report = runReport('pending', [moved], { diff: true })
    expect(text(report)).toMatch(/neighbour → pod +unsure → rejected\n/)
    expect(jsonOfRun(report)).toMatchObject({ hosts: [{ traffic: [{ before: null }] }] })
  })
})
