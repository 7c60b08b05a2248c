import { describe, expect, it } from 'vitest'
import { exitCode } from '../../../src/outcomes/exit-code.ts'
import { isStoppedByProbe } from '../../../src/outcomes/probe-policy.ts'
import type { RunReport } from '../../../src/outcomes/run-report.ts'
import type { TriedProbe } from '../../../src/probes/tried-probe.ts'
import { renderText } from '../../../src/report/run-text.ts'
import {
  failed,
  fresh,
  guards,
  hostReport,
  noPaint,
  ofApply,
  ofPreflight,
  ofRemove,
  runReport,
} from '../run.ts'

const back = { outcome: { kind: 'rolled-back' }, changes: fresh } as const
const hosts = ['a', 'b', 'c'].map((name) => hostReport(name, back))

function lines(report: RunReport, verbose = false): readonly string[] {
  return renderText(report, verbose, noPaint)
}

function takenBack(...objections: RunReport['objections']): RunReport {
  return runReport('rolled-back', hosts, { objections })
}

const well: TriedProbe = {
  probe: { kind: 'tcp', host: '2001:db8::1', port: 6443 },
  places: ['i.yaml:3:5'],
  before: { kind: 'passed' },
  after: { kind: 'passed' },
}
const ill: TriedProbe = {
  probe: { kind: 'http', url: 'https://a/' },
  places: ['i.yaml:4:5', 'i.yaml:9:9'],
  before: { kind: 'failed', reason: 'certificate not trusted', remedy: 'Trust it.' },
  after: undefined,
}
const cut: TriedProbe = {
  probe: { kind: 'command', command: 'kubectl get nodes' },
  places: ['i.yaml:5:5'],
  before: { kind: 'passed' },
  after: { kind: 'failed', reason: 'exit code 1: refused' },
}

describe('the report of a change that was verified and rolled back', () => {
  it('names the host that does not answer, where and with what', () => {
    const report = takenBack({ kind: 'unanswered', host: 'b', reason: '192.0.2.12 port 22 so.' })
    expect(lines(report).at(-1)).toBe(
      'apply: rolled back because b does not answer a new connection: 192.0.2.12 port 22 so; every host is as before.',
    )
    expect(lines(report)).toContain('  b at a new connection:')
    expect(lines(report)).toContain(
      'b    : ok=1   changed=0   warned=0   failed=1   unreachable=0   rolledback=2',
    )
    expect(exitCode(report)).toBe(2)
  })

  it('names several that do not answer', () => {
    const report = takenBack(
      { kind: 'unanswered', host: 'b', reason: 'x.' },
      { kind: 'unanswered', host: 'c', reason: 'y.' },
    )
    expect(lines(report).at(-1)).toContain('because b, c do not answer new connections; every')
  })

  it('says that nobody said yes, which is as good as an interruption', () => {
    const report = takenBack({ kind: 'unconfirmed', reason: 'nobody said yes within 60 s' })
    expect(lines(report).at(-1)).toBe(
      'apply: you did not say yes, so fw-run rolled the change back; every host is as before.',
    )
    expect(lines(report).slice(5, 8)).toEqual([
      'NOT CONFIRMED',
      '  nobody said yes within 60 s: the change was rolled back',
      '',
    ])
    expect(lines(report)).not.toContain('FAULTS')
    expect(exitCode(report)).toBe(130)
  })

  it('is short for a person who has seen on the same terminal what was changed', () => {
    const report = takenBack({ kind: 'unconfirmed', reason: 'the answer was no' })
    expect(renderText(report, false, noPaint, true).slice(0, 4)).toEqual([
      'NOT CONFIRMED',
      '  the answer was no: the change shown above was rolled back',
      '',
      'RECAP',
    ])
  })

  it('tells once of hosts that do not answer for the same reason', () => {
    const report = takenBack(
      ...hosts.map(({ host, address }) => {
        return { kind: 'unanswered', host, reason: `${address} port 22 so.` } as const
      }),
    )
    expect(lines(report).filter((line) => line.includes('port 22'))).toHaveLength(1)
    expect(lines(report)).toContain('  a, b, c at a new connection:')
  })

  it('gives the words of a probe or of the journal, and how many more', () => {
    const journal = {
      kind: 'journal',
      reason: 'fw-run could not write the decision to the journal',
    } as const
    expect(lines(takenBack(journal, journal)).at(-1)).toBe(
      'apply: rolled back because fw-run could not write the decision to the journal (and 1 more); every host is as before.',
    )
    expect(exitCode(takenBack(journal))).toBe(2)
  })

  it('puts the fault of a host before that, and what is left on a host before all', () => {
    const lost = { step: 'apply', kind: 'lost', reason: 'gone' } as const
    const objections = [{ kind: 'unconfirmed', reason: 'no' }] as const
    const faulty = runReport('rolled-back', [hostReport('a', { ...back, fault: lost })], {
      objections,
    })
    expect(lines(faulty).at(-1)).toContain('rolled back because of a; every host is as before.')
    expect(exitCode(faulty)).toBe(4)
    const outcome = { kind: 'incomplete', left: 'the rule', remedy: 'Look.' } as const
    const left = runReport('rolled-back', [hostReport('a', { outcome })], { objections })
    expect(exitCode(left)).toBe(8)
  })
})

describe('the report of probes', () => {
  it('tells in one line that they passed, and each where all is asked for', () => {
    const report = runReport('done', [hostReport('a')], { probes: [well] })
    expect(lines(report).slice(0, 2)).toEqual(['PROBES', 'ok    1 probe passed before and after'])
    expect(lines(report, true)).toContain('ok    tcp [2001:db8::1]:6443: passed before and after')
  })

  it('says of one that failed before why, where it is defined and what to do; exit code 2', () => {
    const report = runReport('refused', [hostReport('a')], { probes: [well, ill] })
    expect(lines(report).slice(0, 5)).toEqual([
      'PROBES',
      'FAIL  http https://a/',
      '      failed before the change: certificate not trusted',
      '      defined at i.yaml:4:5, i.yaml:9:9',
      '   -> Trust it.',
    ])
    expect(lines(report).at(-1)).toBe(
      'apply: refused, nothing was changed. Probe http https://a/ already fails before any change: certificate not trusted.',
    )
    expect(exitCode(report)).toBe(2)
  })

  it('goes on with remove, only warned: the rule itself may be what breaks it', () => {
    const changed = hostReport('a', { outcome: { kind: 'committed' }, changes: fresh })
    const report = runReport('done', [changed], { ...ofRemove, probes: [ill] })
    const shown = lines(report)
    expect(shown[1]).toBe('warn  http https://a/')
    expect(shown[4]).toBe(
      '   -> `fw-run remove` goes on, because the guard may be the cause. It does not try this probe again after the change.',
    )
    expect(shown.at(-1)).toBe('remove: done, 1 of 1 host changed.')
    expect(isStoppedByProbe(report)).toBe(false)
    expect(isStoppedByProbe({ ...report, ...ofApply })).toBe(true)
  })

  it('gives a long command in full once, and is brief in the last line', () => {
    const command = `kubectl get nodes\n| ${'grep -v x | '.repeat(12)}wc -l`
    const probe = { kind: 'command', command } as const
    const report = runReport('refused', [hostReport('a')], { probes: [{ ...ill, probe }] })
    expect(lines(report).join('\n')).toContain(`${'grep -v x | '.repeat(12)}wc -l`)
    expect(lines(report).at(-1)).toMatch(
      /Probe command kubectl get nodes \| grep [^…]*… already fails before any change: certificate/,
    )
    expect(lines(report).at(-1)?.length).toBeLessThan(180)
  })

  it('names the rule of fw-run where it stands already, and the way to do without probes', () => {
    const down = { ...ill, before: { kind: 'failed', reason: 'no answer' } } as const
    const report = runReport('refused', [hostReport('a', { guards })], { probes: [down, cut] })
    const [mend] = lines(report).slice(4)
    expect(mend).toMatch(
      /fw_probes\. The guard is already active\. .*`fw-run trace HOST .*` shows that\. .* fw_extra_members: usually an address of this jump host\./,
    )
    expect(lines(report)).toContain(`   -> To run once without probes: -e '{"fw_probes":[]}'`)
  })

  it('says of one that fails since the change that it had passed', () => {
    const report = runReport('rolled-back', hosts, { probes: [cut] })
    expect(lines(report)).toContain(
      '      failed after the change (it had passed before): exit code 1: refused',
    )
    expect(lines(report).join('\n')).toMatch(/`fw-run trace` does not show .* fw_extra_members/)
  })

  it('does not speak of members where the guard was to go', () => {
    const report = runReport('rolled-back', hosts, { ...ofRemove, probes: [cut] })
    const shown = lines(report).join('\n')
    expect(shown).toContain('   -> fw-run puts the guard back. Fix what this probe tests')
    expect(shown).not.toContain('fw_extra_members')
  })

  it('names hosts that are not ready first', () => {
    const unready = hostReport('b', { findings: [failed('root')] })
    const report = runReport('refused', [unready], { probes: [ill, ill] })
    expect(lines(report).at(-1)).toBe(
      'apply: refused, nothing was changed. Not ready: b. Probe http https://a/ already fails before any change: certificate not trusted (and 1 more).',
    )
    const audit = lines({ ...report, ...ofPreflight }).at(-1)
    expect(audit).toContain('preflight: trouble on b. Probe http https://a/ already fails')
  })

  it('says nothing of probes that were not tried', () => {
    const report = runReport('interrupted', [hostReport('a')], {
      probes: [{ ...well, before: undefined, after: undefined }],
    })
    expect(lines(report, true)).not.toContain('PROBES')
  })
})
