import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { describe, expect, it } from 'vitest'
import { renderJunit } from '../../src/exports/junit.ts'
import type { RunReport } from '../../src/outcomes/run-report.ts'
import { addFlags, type WithFlags } from '../../src/text/printed-commands.ts'
import {
  drifted,
  failed,
  fresh,
  guards,
  hostReport,
  ofPreflight,
  ofStatus,
  passed,
  runReport,
  unreached,
} from '../report/run.ts'
import { documentOf } from './document.ts'

/** The suites of a report, as a CI server reads them. */
function read(
  report: RunReport,
  withFlags: WithFlags = (text) => text,
): Record<string, Record<string, unknown>> {
  const xml = renderJunit(documentOf(report), withFlags)
  expect(XMLValidator.validate(xml)).toBe(true)
  const options = { ignoreAttributes: false, attributeNamePrefix: '', processEntities: true }
  const isArray = (name: string) => name === 'testsuite' || name === 'testcase'
  const { testsuites } = new XMLParser({ ...options, isArray, htmlEntities: true }).parse(xml)
  return Object.fromEntries(
    testsuites.testsuite.map((suite: { name: string; testcase: { name: string }[] }) => [
      suite.name,
      { ...suite, ...Object.fromEntries(suite.testcase.map((one) => [one.name, one])) },
    ]),
  )
}

describe('renderJunit', () => {
  it('has a suite for each host, and a case for each check', () => {
    const warned = {
      id: 'cluster-ips',
      result: { kind: 'warn', reason: 'Open.', remedy: 'Close.' },
    } as const
    const hosts = [
      hostReport('good', { findings: [passed, warned] }),
      hostReport('bad', { findings: [passed, failed('calico', 'It is gone.', 'Bring it back.')] }),
      hostReport('gone', unreached(failed('connection', 'No route.'))),
    ]
    const { good, bad, gone } = read(runReport('refused', hosts, ofPreflight))
    expect(good).toMatchObject({
      ...{ tests: '2', failures: '0', errors: '0', timestamp: '2026-11-23T04:15:00' },
      'connection: reachable': { classname: 'fw-run.good' },
    })
    expect(JSON.stringify(good)).toContain('warning: Open.')
    expect(bad).toMatchObject({ tests: '2', failures: '1', errors: '0' })
    expect(JSON.stringify(bad)).toMatch(
      /"failure":\{"#text":"-> Bring it back\.","message":"It is gone\."/,
    )
    expect(gone).toMatchObject({ tests: '1', failures: '0', errors: '1' })
  })

  it('fails for a host that status finds not protected', () => {
    const hosts = [hostReport('well', { guards }), hostReport('off', { guards, changes: drifted })]
    const { well, off } = read(runReport('pending', hosts, ofStatus))
    expect(well).toMatchObject({ failures: '0' })
    expect(off).toMatchObject({
      'protected as the inventory says': { failure: { message: 'the host is drifted' } },
    })
  })

  it.each([
    ['status', 'pending', ofStatus],
    ['apply', 'pending', {}],
    ['apply', 'moved', {}],
    ['remove', 'pending', { command: 'remove' }],
  ] as const)(
    'gives the flags of the run to the command that mends a host: %s, %s',
    (command, kind, of) => {
      const outcome = { kind: 'committed' } as const
      const hosts = [
        hostReport('off', {
          guards,
          changes: drifted,
          ...(kind === 'moved' && { outcome, made: fresh }),
        }),
      ]
      const { off } = read(runReport(kind, hosts, of), (text) =>
        addFlags(text, () => ['-i i.yaml']),
      )
      expect(JSON.stringify(off)).toContain(
        `-> \`fw-run ${command === 'remove' ? 'remove' : 'apply'} -i i.yaml\``,
      )
    },
  )

  it('fails for a host whose change was not kept, and for a probe', () => {
    const fault = { step: 'verify', kind: 'failed', reason: 'not as planned' } as const
    const report = runReport(
      'rolled-back',
      [hostReport('a', { fault }), hostReport('b', { outcome: { kind: 'rolled-back' } })],
      {
        probes: [
          {
            probe: { kind: 'tcp', host: 'h', port: 1 },
            places: ['i.yaml:1:1'],
            before: { kind: 'passed' },
            after: { kind: 'failed', reason: 'refused' },
          },
        ] as unknown as RunReport['probes'],
      },
    )
    const { a, b, cluster } = read(report)
    expect(a).toMatchObject({ 'apply: as wanted': { failure: { message: 'not as planned' } } })
    expect(b).toMatchObject({ failures: '0', skipped: '1' })
    expect(cluster).toMatchObject({ failures: '1' })
  })

  it.each(['refused', 'interrupted', 'stale'] as const)(
    'does not call a host as wanted whose change was not made: %s',
    (kind) => {
      const hosts = [hostReport('due', { changes: fresh }), hostReport('well', { guards })]
      const { due, well, cluster } = read(runReport(kind, hosts))
      expect(due).toMatchObject({ 'apply: as wanted': { skipped: { message: 'not changed' } } })
      expect(well).toMatchObject({ failures: '0', skipped: '0' })
      expect(cluster).toMatchObject({ 'apply: as wanted': { failure: {} } })
    },
  )

  it('fails for a host on which others have changed the rules since', () => {
    const outcome = { kind: 'committed' } as const
    const hosts = [
      hostReport('a', { outcome, made: fresh, changes: drifted }),
      hostReport('b', { outcome, made: fresh }),
      hostReport('unread', { outcome, changes: fresh }),
    ]
    const { a, b, unread } = read(runReport('moved', hosts))
    expect(a).toMatchObject({ failures: '1' })
    expect(b).toMatchObject({ failures: '0', skipped: '0' })
    expect(unread).toMatchObject({ failures: '0', skipped: '0' })
  })

  it('keeps hostile texts text, with their lines', () => {
    const evil = '"/><failure/>]]>\u0000\u001b[2J\u202e\n& end'
    const { a } = read(
      runReport('refused', [hostReport('a', { findings: [failed('calico', evil, evil)] })]),
    )
    expect(a).toMatchObject({ tests: '1', failures: '1' })
    expect(JSON.stringify(a)).toContain(
      JSON.stringify('"/><failure/>]]>\ufffd\ufffd[2J\ufffd\n& end').slice(1, -1),
    )
  })
})
