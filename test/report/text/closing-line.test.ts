import { describe, expect, it } from 'vitest'
import { exitCode } from '../../../src/outcomes/exit-code.ts'
import type { HostReport, RunReport } from '../../../src/outcomes/run-report.ts'
import { renderText } from '../../../src/report/run-text.ts'
import {
  drifted,
  failed,
  fresh,
  guards,
  hostReport,
  noPaint,
  ofRemove,
  ofStatus,
  runReport,
  unreached,
} from '../run.ts'

function text(report: RunReport, verbose = false): string {
  return renderText(report, verbose, noPaint).join('\n')
}

const committed = { outcome: { kind: 'committed' } } as const

describe('closingLine', () => {
  it('adds the hosts that cannot be reached to the --limit that was given', () => {
    const hosts = [hostReport('a'), hostReport('b', unreached(failed('connection')))]
    expect(text(runReport('refused', hosts, { leftOut: ['c'] }))).toMatch(
      /Not ready: b\. To go on without b, add `:!b` to --limit\.$/,
    )
  })

  describe('advises', () => {
    const down = (name: string, silent = true) => {
      const finding = { ...failed('connection'), ...(silent && { silent: true as const }) }
      return hostReport(name, unreached(finding))
    }
    const advice = (hosts: readonly HostReport[], given: Partial<RunReport> = {}) =>
      /Not ready: [^.]*\.(.*)$/.exec(text(runReport('refused', hosts, given)))?.[1]

    it.each<[string, readonly HostReport[], Partial<RunReport>, string]>([
      [
        'the flag that leaves out hosts that are down',
        [hostReport('a'), down('b')],
        {},
        ' To go on without b, add `--tolerate-unreachable 1` to the command.',
      ],
      [
        'other hosts to go first where one of them is down',
        [hostReport('a'), down('b'), down('c')],
        { first: new Set(['b']) },
        ' To go on without b, name other hosts in --serial-first, and add `--tolerate-unreachable 2` to the command.',
      ],
      [
        'nothing where an edit of the inventory is for all hosts',
        [hostReport('a'), down('b')],
        { command: 'hosts add' },
        '',
      ],
      [
        'no limit there, either',
        [hostReport('a'), down('b', false)],
        { command: 'hosts remove' },
        '',
      ],
      ['nothing with a plan', [hostReport('a'), down('b')], { approved: true }, ''],
      [
        'nothing where five are down',
        [hostReport('a'), ...[...'bcdef'].map((n) => down(n))],
        {},
        '',
      ],
      [
        'nothing where only hosts that are left out would be left',
        [{ ...down('a'), tolerated: true }, down('b', false)],
        {},
        '',
      ],
    ])('%s', (_, hosts, given, said) => {
      expect(advice(hosts, given)).toBe(said)
    })
  })

  it('does not say of a host whose check fails that it is not as the inventory says', () => {
    const hosts = [
      hostReport('a', { guards, findings: [failed('interface')] }),
      hostReport('b', { guards, findings: [failed('interface')], changes: drifted }),
    ]
    expect(text(runReport('refused', hosts, ofStatus))).toMatch(
      /trouble on a, b\. Not as the inventory says: b\. Fix a, b first, then run `fw-run apply`\.$/,
    )
  })

  it('says of a host that leaves the inventory and was left out where to read how to remove its guard', () => {
    const gone = { ...unreached(failed('connection')), tolerated: true, leaves: true } as const
    const hosts = [hostReport('a', { ...committed, changes: fresh }), hostReport('b', gone)]
    const removal = { command: 'hosts remove' }
    expect(text(runReport('done', hosts, removal))).toMatch(
      /so the guard stays on b\.\nhosts remove: done, 1 of 2 hosts changed\. b was left out, and may still have its guard\. The warning says how to remove it\.$/,
    )
    expect(text(runReport('done', hosts, removal))).not.toContain('--tolerate-unreachable')
  })

  it('says of a watch that Ctrl-C ended that the change is kept', () => {
    const watched = { seconds: 180, refreshed: [], interrupted: true } as const
    const report = runReport('done', [hostReport('a', { ...committed, changes: fresh })], {
      watched,
    })
    expect(text(report)).toMatch(/apply: done, 1 of 1 host changed; the watch was interrupted\.$/)
  })

  it('says of a watch which hosts could not be read again, and where to look', () => {
    const watched = { seconds: 180, refreshed: [], unread: ['b'] }
    const done = [
      hostReport('a', { ...committed, changes: fresh }),
      hostReport('b', { ...committed, changes: fresh }),
    ]
    expect(text(runReport('done', done, { watched }))).toMatch(
      /apply: done, 2 of 2 hosts changed, but fw-run could not read b again\. Run `fw-run status`\.$/,
    )
    const moved = [
      hostReport('a', { ...committed, made: fresh, guards, changes: drifted }),
      hostReport('b', { ...committed, changes: fresh }),
    ]
    expect(text(runReport('moved', moved, { watched }))).toMatch(
      /no longer works as planned on a; fw-run could not read b again\. Run `fw-run apply` again\.$/,
    )
  })

  it('says after a watch which hosts are no longer as planned; the change is kept, so exit code 3', () => {
    const hosts = [
      hostReport('a', { ...committed, made: fresh, guards }),
      hostReport('b', { ...committed, made: fresh, guards, changes: drifted }),
      hostReport('c', { ...committed, made: fresh, findings: [failed('position')] }),
    ]
    const report = runReport('moved', hosts)
    expect(text(report)).toMatch(
      /apply: done, but the guard no longer works as planned on b, and a check now fails on c\. Fix c first, then run `fw-run apply` again\.$/,
    )
    expect(exitCode(report)).toBe(3)
  })

  it('does not say that a rollback failed on a host that could not be read', () => {
    const seen = { kind: 'incomplete', left: 'set', remedy: 'Again.' } as const
    const node = (name: string, unseen: boolean) =>
      hostReport(name, { changes: fresh, outcome: unseen ? { ...seen, unseen } : seen })
    expect(text(runReport('rolled-back', [node('a', true)]))).toMatch(
      /apply: STATE NOT KNOWN of a; others are as before\. Run `fw-run recover`\.$/,
    )
    expect(text(runReport('rolled-back', [node('a', true), node('b', false)]))).toMatch(
      /apply: ROLLBACK NOT COMPLETE on b; STATE NOT KNOWN of a; others are as before\./,
    )
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
      /status: 2 hosts protected for now, but run 20261123-041500-3f9a is at work and may roll back its change: run `fw-run status` again later\.$/,
    )
    expect(exitCode(report)).toBe(3)
    expect(text({ ...report, kind: 'pending' })).toMatch(
      /\. But run \S+ is at work and may roll back/,
    )
  })

  describe('of a commit that is not complete', () => {
    const outcome = { kind: 'incomplete', left: 'not confirmed', remedy: 'Again.' } as const
    const unseen = { ...outcome, unseen: true } as const
    const shown = (given: Partial<HostReport>): string =>
      text(runReport('done', [hostReport('node1', given), hostReport('node2', committed)]))

    it('says what the others did, and lets recover finish it', () => {
      const words = shown({ outcome: unseen, changes: fresh })
      expect(words).toMatch(
        /NOT COMPLETE: node1 did not confirm; other hosts keep the change\. Run `fw-run recover`\.$/,
      )
      expect(words).not.toContain('as it was')
    })

    it('does not send to recover where the run had nothing to change: its journal does not name that host', () => {
      expect(shown({ outcome: unseen })).toMatch(/node1 did not confirm; .* Run `fw-run status`\.$/)
      const rolledBack = runReport('rolled-back', [hostReport('node1', { outcome: unseen })])
      expect(text(rolledBack)).toMatch(/STATE NOT KNOWN of node1; .* Run `fw-run status`\.$/)
    })

    it('does not say that a host did not confirm which said what it lacks', () => {
      const words = shown({ outcome, changes: fresh })
      expect(words).toContain('node1 NOT COMPLETE:\n')
      expect(words).toMatch(
        /NOT COMPLETE on node1; other hosts have confirmed the change\. Run `fw-run recover`\.$/,
      )
    })
  })

  it('says what comes next where a host is in trouble', () => {
    const hosts = [
      hostReport('a', { guards, changes: drifted }),
      hostReport('b', unreached(failed('connection'))),
    ]
    const shown = text(runReport('refused', hosts, ofStatus))
    expect(shown).toContain('DRIFTED: apply would do this, but first fix the checks that fail\n')
    expect(shown).toMatch(/Not as the inventory says: a\. Fix b first, then run `fw-run apply`\.$/)
  })
})
