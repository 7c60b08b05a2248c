import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { renderMetrics } from '../../src/exports/metrics.ts'
import {
  drifted,
  failed,
  fresh,
  guards,
  hostReport,
  ofStatus,
  runReport,
  unreached,
} from '../report/run.ts'
import { long } from '../rounds.ts'
import { documentOf } from './document.ts'

const rejected = { packets: 12n, bytes: 345n }
const report = runReport(
  'refused',
  [
    hostReport('well', { guards, rejected }),
    hostReport('fresh', { changes: fresh }),
    hostReport('drifted', { guards, changes: drifted, rejected: { packets: 0n, bytes: 0n } }),
    hostReport('gone', unreached(failed('connection'))),
    hostReport('odd', { guards, findings: [failed('calico'), failed('interface')] }),
  ],
  ofStatus,
)

/** The value of a metric for a host, or of the cluster, as a reader of the format finds it. */
function read(text: string, name: string, host?: string): number | undefined {
  const inventory = `inventory="${report.inventory}"`
  const series =
    host === undefined ? `${name}{${inventory}}` : `${name}{${inventory},host="${host}"}`
  const line = text.split('\n').find((one) => one.startsWith(`${series} `))
  return line === undefined ? undefined : Number(line.slice(series.length + 1))
}

describe('renderMetrics', () => {
  const text = renderMetrics(documentOf(report))

  it.each([
    ['well', { protected: 1, pending: 0, drifted: 0, unreachable: 0, failed_checks: 0 }],
    ['fresh', { protected: 0, pending: 1, drifted: 0, unreachable: 0, failed_checks: 0 }],
    ['drifted', { protected: 0, pending: 1, drifted: 1, unreachable: 0, failed_checks: 0 }],
    ['gone', { protected: 0, pending: 0, drifted: 0, unreachable: 1, failed_checks: 1 }],
    ['odd', { protected: 0, pending: 0, drifted: 0, unreachable: 0, failed_checks: 2 }],
  ])('tells how %s was found', (host, values) => {
    const found = Object.keys(values).map((name) => [name, read(text, `fw_run_host_${name}`, host)])
    expect(Object.fromEntries(found)).toEqual(values)
  })

  it('counts what was rejected, of hosts where that is known', () => {
    expect(read(text, 'fw_run_host_rejected_packets_total', 'well')).toBe(12)
    expect(read(text, 'fw_run_host_rejected_bytes_total', 'well')).toBe(345)
    expect(read(text, 'fw_run_host_rejected_packets_total', 'drifted')).toBe(0)
    expect(read(text, 'fw_run_host_rejected_packets_total', 'gone')).toBeUndefined()
  })

  it('tells when the look was, so that an alarm sees one that never comes again', () => {
    const at = Date.parse('2026-11-23T04:15:01.500Z') / 1000
    expect(read(text, 'fw_run_last_look_timestamp_seconds')).toBe(at)
    expect(read(text, 'fw_run_status_exit_code')).toBe(4)
  })

  it('names the inventory in every sample, so that two clusters have different series', () => {
    const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
    expect(samples.filter((line) => !line.includes(`{inventory="${report.inventory}"`))).toEqual([])
  })

  it('lets no name of a host write metrics of its own', () => {
    const evil = 'a"} 1\nfw_run_host_protected{host="b\\'
    const lines = renderMetrics(documentOf(runReport('done', [hostReport(evil)], ofStatus)))
    expect(lines).toContain('host="a\\"} 1\\nfw_run_host_protected{host=\\"b\\\\"} 0\n')
  })

  it.runIf(long)('pleases promtool', () => {
    const evil = hostReport('a"}\n\\', { guards, rejected })
    const many = { ...report, hosts: [...report.hosts, evil] }
    const { status, stderr, stdout } = spawnSync('promtool', ['check', 'metrics'], {
      input: renderMetrics(documentOf(many)),
      encoding: 'utf8',
    })
    expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: '' })
  })
})
