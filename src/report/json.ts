import type { Change } from '../plan/change.ts'
import type { PlacedRule } from '../plan/guard.ts'
import { protectionOf } from './recap.ts'
import { exitCode, type HostReport, type RunReport, stateOf } from './run-report.ts'

/** A run as one JSON document, for programs. Counters are numbers, exact up to 2^53. */
export function jsonOfRun(report: RunReport): object {
  return {
    command: report.command,
    run: report.run,
    outcome: report.kind,
    exitCode: exitCode(report),
    hosts: report.hosts.map((host) => jsonOfHost(host, report)),
    leftOut: report.leftOut,
    warnings: report.warnings,
  }
}

function jsonOfHost(host: HostReport, report: RunReport): object {
  return {
    host: host.host,
    address: host.address,
    state: stateOf(host, report),
    protection: host.known ? protectionOf(host) : 'unknown',
    checks: host.findings.map(({ title, verdict: { kind, ...why } }) => ({
      title,
      verdict: kind,
      ...why,
    })),
    changes: host.changes.map(jsonOfChange),
    notes: host.notes,
    places: host.place?.good,
    place: host.place?.position,
    traffic: host.place?.traffic,
    rules: host.guards.map(jsonOfRule),
    rejected: host.turnedAway && {
      packets: Number(host.turnedAway.packets),
      bytes: Number(host.turnedAway.bytes),
    },
    requests: host.requests,
    outcome: host.outcome,
    fault: host.fault,
  }
}

function jsonOfChange(change: Change): object {
  if (change.kind === 'set')
    return { ...change, before: change.before ?? null, after: change.after ?? null }
  return { ...change, before: change.before.map(jsonOfRule), after: change.after.map(jsonOfRule) }
}

function jsonOfRule({ position, rule }: PlacedRule): object {
  return { position, rule: rule.raw }
}
