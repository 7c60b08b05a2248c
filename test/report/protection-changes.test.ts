import { describe, expect, it } from 'vitest'
import { changesOfProtection, protectionLine } from '../../src/report/protection-changes.ts'
import {
  drifted,
  failed,
  fresh,
  guards,
  hostReport,
  ofStatus,
  runReport,
  unreached,
} from './run.ts'

const look = (...hosts: Parameters<typeof runReport>[1]) => runReport('done', hosts, ofStatus)
const at = new Date('2026-11-23T04:15:00.000Z')
const lines = (...looks: Parameters<typeof changesOfProtection>) =>
  changesOfProtection(...looks).map((change) => protectionLine(change, at))

describe('changesOfProtection', () => {
  const well = look(hostReport('a', { guards }), hostReport('b', { guards }))

  it('tells all that a first look finds, equal hosts in one line', () => {
    expect(lines(undefined, well)).toEqual(['2026-11-23 04:15:00Z a, b: protected'])
  })

  it('tells nothing while nothing changes but counters', () => {
    const rejected = { packets: 7n, bytes: 420n }
    expect(lines(well, look(...well.hosts.map((host) => ({ ...host, rejected }))))).toEqual([])
  })

  it.each([
    [
      'drifted',
      hostReport('b', { guards, changes: drifted }),
      /^b: protected -> drifted: apply would add to set cluster_nodes/,
    ],
    [
      'unprotected',
      hostReport('b', { changes: fresh }),
      /^b: protected -> unprotected: apply would create set cluster_nodes .*, insert rule 4 of FORWARD/,
    ],
    [
      'unreachable',
      hostReport('b', unreached(failed('connection', 'No\nroute.'))),
      /^b: protected -> unreachable: No route\.$/,
    ],
    [
      'check-fails',
      hostReport('b', { guards, findings: [failed('calico', 'Gone.')] }),
      /^b: protected -> check-fails: Gone\.$/,
    ],
  ])('tells in one line why a host is %s now', (_, b, line) => {
    const [first = '', ...rest] = lines(well, look(hostReport('a', { guards }), b))
    expect(rest).toEqual([])
    expect(first.replace('2026-11-23 04:15:00Z ', '')).toMatch(line)
  })

  it('tells that hosts are protected again, and of hosts that are new in the inventory', () => {
    const bad = look(hostReport('a', { guards, changes: drifted }))
    expect(lines(bad, well)).toEqual([
      '2026-11-23 04:15:00Z a: drifted -> protected',
      '2026-11-23 04:15:00Z b: protected',
    ])
  })
})
