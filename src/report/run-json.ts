import { nameHolder } from '../agent/holder.ts'
import { checkList } from '../check-names/check-list.ts'
import type { SeenProtection } from '../events.ts'
import type { PlacedRule } from '../guard/placed-rule.ts'
import { plainChange } from '../journal/recorded-change.ts'
import { maxRulesAround } from '../limits.ts'
import { protectionOf } from '../outcomes/protection.ts'
import { type HostReport, type RunReport, statusOf } from '../outcomes/run-report.ts'
import type { ProbeResult } from '../probes/probe-result.ts'
import { describeProbe } from '../probes/tried-probe.ts'
import { groupHosts } from '../text/host-list.ts'
import { shortKey } from '../text/short-key.ts'
import { closingLine } from './text/closing-line.ts'
import { trafficOn } from './text/traffic-changes.ts'
import { jsonOfUnfinished } from './unfinished-run.ts'

/** What the JSON document of a run holds. Counters are numbers, exact up to 2^53. */
export function jsonOfRun(report: RunReport) {
  return {
    run: report.run,
    outcome: report.kind,
    words: closingLine(report),
    inventory: report.inventory,
    hosts: report.hosts.map((host) => jsonOfHost(host, report)),
    forward: jsonOfForward(report.hosts),
    probes: report.probes.map(({ probe, places, before, after }) => ({
      probe: describeProbe(probe),
      places,
      before: jsonOfProbeResult(before),
      after: jsonOfProbeResult(after),
    })),
    objections: report.objections,
    watched: report.watched,
    edit: report.edit,
    ...(report.waves.length > 0 && { waves: report.waves, reached: report.reached }),
    leftOut: report.leftOut.length,
    tolerated: report.hosts.flatMap(({ host, tolerated }) => (tolerated ? [host] : [])),
    warnings: report.warnings,
    unfinished: report.unfinished.map(jsonOfUnfinished),
  }
}

function jsonOfHost(host: HostReport, report: RunReport) {
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
    made: host.made?.map(plainChange),
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
function protectionAfter(
  host: HostReport,
  { goal }: RunReport,
): Exclude<SeenProtection, 'unreachable'> {
  if (!host.known || host.outcome?.kind === 'incomplete') return 'unknown'
  const leaves = goal === 'remove' || host.leaves
  if (host.outcome?.kind === 'committed' && !host.made) return leaves ? 'unprotected' : 'protected'
  const found = protectionOf(host)
  // Its plan is the removal, so nobody has compared a guard that stands with the inventory.
  return leaves && (found === 'drifted' || found === 'protected') ? 'unknown' : found
}

function jsonOfProbeResult(result: ProbeResult | undefined) {
  if (!result) return null
  const { kind, ...why } = result
  return { result: kind === 'passed' ? 'pass' : 'fail', ...why } as const
}

function jsonOfRule({ position, rule }: PlacedRule) {
  return { position, rule: rule.raw }
}

/** FORWARD without our rules, once for all hosts that have it alike. Of a long one, only the rules about our position. */
function jsonOfForward(hosts: readonly HostReport[]) {
  const placed = hosts.flatMap(({ host, placement }) => (placement ? [{ host, placement }] : []))
  const key = ({ placement: { chain, good, position } }: (typeof placed)[number]): string =>
    shortKey([position, good, chain])
  return [...groupHosts(placed, key).values()].flatMap((group) => {
    if (!group[0]) return []
    const { chain, good: positions, position } = group[0].placement
    const first = Math.max(1, position - maxRulesAround)
    return {
      hosts: group.map(({ host }) => host),
      ...{ first, rules: chain.slice(first - 1, position + maxRulesAround) },
      ...{ count: chain.length, positions, position },
    }
  })
}
