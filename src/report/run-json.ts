import { nameHolder } from '../agent/holder.ts'
import { checkList } from '../check-names/check-list.ts'
import type { PlacedRule } from '../guard/guard.ts'
import { plainChange } from '../journal/recorded-change.ts'
import { type HostReport, type RunReport, statusOf } from '../outcomes/run-report.ts'
import type { ProbeResult } from '../probes/probe-result.ts'
import { describeProbe } from '../probes/tried-probe.ts'
import { protectionOf } from './text/recap.ts'
import { trafficOn } from './text/traffic-lines.ts'
import { jsonOfUnfinished } from './unfinished-run.ts'

/** What the JSON document of a run holds. Counters are numbers, exact up to 2^53. */
export function jsonOfRun(report: RunReport): object {
  return {
    run: report.run,
    outcome: report.kind,
    hosts: report.hosts.map((host) => jsonOfHost(host, report)),
    probes: report.probes.map(({ probe, places, before, after }) => ({
      probe: describeProbe(probe),
      places,
      before: jsonOfProbeResult(before),
      after: jsonOfProbeResult(after),
    })),
    objections: report.objections,
    watched: report.watched,
    leftOut: report.leftOut.length,
    warnings: report.warnings,
    unfinished: report.unfinished.map(jsonOfUnfinished),
  }
}

function jsonOfHost(host: HostReport, report: RunReport): object {
  return {
    host: host.host,
    address: host.address,
    state: statusOf(host, report),
    protection: protectionAfter(host, report),
    heldBy: host.heldBy && nameHolder(host.heldBy),
    checks: host.findings.map(({ id, accepted, unknownKey, result: { kind, ...why } }) => ({
      ...{ id, title: checkList[id].title, result: kind, accepted, unknownKey },
      ...why,
    })),
    changes: host.changes.map(plainChange),
    notes: host.notes,
    positions: host.placement?.good,
    position: host.placement?.position,
    traffic:
      host.placement &&
      trafficOn(host).map(({ title, before, after }) => ({ title, before: before ?? null, after })),
    rules: host.guards.map(jsonOfRule),
    table: host.table?.text,
    chains: host.chains?.map(({ family, chain: { rules, jumps } }) => ({
      family,
      rules: rules.map(({ raw }) => raw),
      jumps: jumps.map(jsonOfRule),
    })),
    rejected: host.rejected && {
      packets: Number(host.rejected.packets),
      bytes: Number(host.rejected.bytes),
    },
    requests: host.requests,
    outcome: host.outcome,
    fault: host.fault,
  }
}

/** How a host is protected now: as it was read, or as the run has changed it. */
function protectionAfter(host: HostReport, { goal }: RunReport): string {
  if (!host.known || host.outcome?.kind === 'incomplete') return 'unknown'
  if (host.outcome?.kind !== 'committed') return protectionOf(host)
  return goal === 'remove' ? 'unprotected' : 'protected'
}

function jsonOfProbeResult(result: ProbeResult | undefined): object | null {
  if (!result) return null
  const { kind, ...why } = result
  return { result: kind === 'passed' ? 'pass' : 'fail', ...why }
}

function jsonOfRule({ position, rule }: PlacedRule): object {
  return { position, rule: rule.raw }
}
