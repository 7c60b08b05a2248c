import { plainChange } from '../journal/recorded-change.ts'
import type { PlacedRule } from '../plan/guard.ts'
import type { Answer } from '../probes/answer.ts'
import { describeProbe } from '../probes/tried-probe.ts'
import { jsonOfInterrupted } from './past/past-run-words.ts'
import { protectionOf } from './recap.ts'
import { exitCode, type HostReport, type RunReport, stateOf } from './run-report.ts'
import { trafficOn } from './traffic-lines.ts'

/** A run as one JSON document, for programs. Counters are numbers, exact up to 2^53. */
export function jsonOfRun(report: RunReport): object {
  return {
    command: report.command,
    run: report.run,
    outcome: report.kind,
    exitCode: exitCode(report),
    hosts: report.hosts.map((host) => jsonOfHost(host, report)),
    probes: report.probes.map(({ probe, places, before, after }) => ({
      probe: describeProbe(probe),
      places,
      before: jsonOfAnswer(before),
      after: jsonOfAnswer(after),
    })),
    objections: report.objections,
    watched: report.watched,
    leftOut: report.leftOut.length,
    warnings: report.warnings,
    interrupted: report.interrupted.map(jsonOfInterrupted),
  }
}

function jsonOfHost(host: HostReport, report: RunReport): object {
  return {
    host: host.host,
    address: host.address,
    state: stateOf(host, report),
    protection: protectionAfter(host, report),
    heldBy: host.heldBy,
    checks: host.findings.map(({ title, verdict: { kind, ...why } }) => ({
      title,
      verdict: kind,
      ...why,
    })),
    changes: host.changes.map(plainChange),
    notes: host.notes,
    places: host.place?.good,
    place: host.place?.position,
    traffic:
      host.place &&
      trafficOn(host).map(({ title, before, after }) => ({ title, before: before ?? null, after })),
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

/** How a host is protected now: as it was read, unless the run has changed it since. */
function protectionAfter(host: HostReport, { command }: RunReport): string {
  if (!host.known || host.outcome?.kind === 'incomplete') return 'unknown'
  if (host.outcome?.kind !== 'committed') return protectionOf(host)
  return command === 'remove' ? 'unprotected' : 'protected'
}

function jsonOfAnswer(answer: Answer | undefined): object | null {
  if (!answer) return null
  const { kind, ...why } = answer
  return { verdict: kind === 'passed' ? 'pass' : 'fail', ...why }
}

function jsonOfRule({ position, rule }: PlacedRule): object {
  return { position, rule: rule.raw }
}
