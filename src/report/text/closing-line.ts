import { probeRefusal } from '../../outcomes/probe-policy.ts'
import { protectionOf } from '../../outcomes/protection.ts'
import {
  changesOfRun,
  failures,
  type HostReport,
  isDecided,
  isGuarded,
  isUnconfirmed,
  isUnseen,
  type RunReport,
  statusOf,
} from '../../outcomes/run-report.ts'
import { countHosts, hostList } from '../../text/host-list.ts'
import { objectionCause } from '../../words/trouble.ts'
import { inSoManyWaves, inWave } from '../../words/waves.ts'
import { countWarnings } from './check-lines.ts'
import { statusCaveat } from './status-caveat.ts'

/** The last line of a run: what came of it, in what state the hosts are now, and what to do next. */
export function closingLine(report: RunReport): string {
  const { command, purpose, hosts } = report
  const named = (...states: string[]): string[] =>
    hosts.filter((host) => states.includes(statusOf(host, report))).map(({ host }) => host)
  const left = hosts.filter(({ outcome }) => outcome?.kind === 'incomplete')
  if (left.length > 0) {
    // Where it had nothing to change, its journal does not tell `recover` of the host.
    const next = left.some((host) => changesOfRun(host).length > 0) ? 'recover' : 'status'
    const what = isDecided(report)
      ? incompleteCommit(left)
      : `${incompleteRollback(left)}; others are as before`
    return `${command}: ${what}. Run \`fw-run ${next}\`.`
  }
  const culprits = hostList(named('failed', 'unreachable'))
  const all = countHosts(hosts.length)
  const where = inWave(report.waves, report.reached)
  switch (report.kind) {
    case 'interrupted':
      return `${command}: interrupted${where}; every host is as before.`
    case 'stale':
      return `${command}: gave up: other programs changed the rules again and again on ${culprits}; every host is as before. Run the same command again in a minute.`
    case 'rolled-back':
      return isUnconfirmed(report)
        ? `${command}: you did not say yes${where}, so fw-run rolled the change back; every host is as before.`
        : `${command}: rolled back${where} because ${cause(report, culprits)}; every host is as before.`
    case 'declined':
      return `${command}: you did not say yes, so nothing was changed.`
    case 'refused':
      return `${command}: ${refusal(report, culprits)}`
    case 'audited':
      return `${command}: ${passed(report, all)}; ${wouldChange(report)}`
    case 'moved':
      return `${command}: done, but ${noLongerAsPlanned(report)}`
    case 'pending':
      return purpose === 'look'
        ? `${command}: ${pendingStatus(report)}`
        : `${command}: nothing was changed; ${wouldChange(report)}`
    case 'done': {
      if (purpose === 'look') {
        const caveat = statusCaveat(report)
        return `${command}: ${all} protected${caveat ? ` for now, ${caveat}` : ''}.`
      }
      const changed = named('changed').length
      const absent = named('left-out')
      const watch = report.watched?.interrupted ? '; the watch was interrupted' : unread(report)
      return changed === 0
        ? `${command}: nothing to do on ${countHosts(hosts.length - absent.length)}${watch}.${laterThere(report, absent)}`
        : `${command}: done, ${changed} of ${all} changed${inSoManyWaves(report.waves)}${watch}.${laterThere(report, absent)}`
    }
  }
}

/** Which hosts the watch could not read, and what to do about it. */
function unread({ watched }: RunReport): string {
  if (!watched?.unread) return ''
  return `, but fw-run could not read ${hostList(watched.unread)} again. Run \`fw-run status\``
}

/** What to do about hosts that were left out. */
function laterThere({ hosts, command }: RunReport, absent: readonly string[]): string {
  if (absent.length === 0) return ''
  // Of a host that the inventory has no more, the same command knows nothing.
  if (hosts.some(({ tolerated, leaves }) => tolerated && leaves)) {
    return ` ${hostList(absent)} was left out, and may still have its guard. The warning says how to remove it.`
  }
  const [was, it] = absent.length === 1 ? ['was', 'it is'] : ['were', 'they are']
  return ` ${hostList(absent)} ${was} left out. Run \`fw-run ${command}\` again when ${it} up.`
}

/** Which hosts did not confirm, or surely lack the change. */
function incompleteCommit(incomplete: readonly HostReport[]): string {
  const names = hostList(incomplete.map(({ host }) => host))
  return incomplete.every(isUnseen)
    ? `NOT COMPLETE: ${names} did not confirm; other hosts keep the change`
    : `NOT COMPLETE on ${names}; other hosts have confirmed the change`
}

/** Which hosts are surely not as before, and which could not be read. */
function incompleteRollback(incomplete: readonly HostReport[]): string {
  const named = (some: readonly HostReport[]): string => hostList(some.map(({ host }) => host))
  const unseen = incomplete.filter(isUnseen)
  const seen = incomplete.filter((host) => !isUnseen(host))
  return [
    ...(seen.length > 0 ? [`ROLLBACK NOT COMPLETE on ${named(seen)}`] : []),
    ...(unseen.length > 0 ? [`STATE NOT KNOWN of ${named(unseen)}`] : []),
  ].join('; ')
}

/** What the watch after a change found, and what to do about it. */
function noLongerAsPlanned(report: RunReport): string {
  const failing = report.hosts.flatMap((host) => (failures(host).length > 0 ? [host.host] : []))
  const drifted = report.hosts.flatMap((host) =>
    statusOf(host, report) === 'pending' ? [host.host] : [],
  )
  const found = [
    ...(drifted.length > 0 ? [`the guard no longer works as planned on ${hostList(drifted)}`] : []),
    ...(failing.length > 0 ? [`a check now fails on ${hostList(failing)}`] : []),
  ]
  const first = failing.length > 0 ? `Fix ${hostList(failing)} first, then run` : 'Run'
  const blind = report.watched?.unread
  const also = blind ? `; fw-run could not read ${hostList(blind)} again` : ''
  return `${found.join(', and ')}${also}. ${first} \`fw-run apply\` again.`
}

function refusal(report: RunReport, culprits: string): string {
  const { command, purpose } = report
  const probe = sentence(probeRefusal(report))
  if (purpose === 'change') {
    const notReady = culprits ? ` Not ready: ${culprits}.` : ''
    return `refused, nothing was changed.${notReady}${withoutThem(report)}${probe}`
  }
  const trouble = culprits ? `trouble on ${culprits}.` : 'a probe fails.'
  if (purpose !== 'look') return `${trouble}${probe}`
  const drifted = hostList(notAsWanted(report))
  const also = drifted ? ` Not as the inventory says: ${drifted}.` : ''
  const next = `fix ${culprits} first, then run \`fw-run ${drifted ? 'apply' : command}\``
  return `${trouble}${also}${probe}${sentence(statusCaveat(report) ?? next)}`
}

/**
 * How to go on without hosts that cannot be reached: by a flag without those that are down; others are better mended if there
 * are many. Nothing where no flag helps: an edit of the inventory is for all hosts, and an approved plan for all of its own.
 */
function withoutThem(report: RunReport): string {
  const { command, approved, first } = report
  const hosts = report.hosts.filter(({ tolerated }) => !tolerated)
  const unreachable = hosts.filter((host) => statusOf(host, report) === 'unreachable')
  const silent = unreachable.filter(({ findings }) => findings.some((one) => one.silent))
  if (unreachable.length === 0 || unreachable.length === hosts.length) return ''
  if (unreachable.length > 4 || approved || (command !== 'apply' && command !== 'remove')) return ''
  const names = hostList(unreachable.map(({ host }) => host))
  const canaries = unreachable.filter(({ host }) => first?.has(host))
  if (canaries.length > 0) {
    const them = hostList(canaries.map(({ host }) => host))
    const allowed = silent.length === unreachable.length
    const flag = allowed
      ? `, and add \`--tolerate-unreachable ${silent.length}\` to the command`
      : ''
    return ` To go on without ${them}, name other hosts in --serial-first${flag}.`
  }
  if (silent.length === unreachable.length) {
    return ` To go on without ${names}, add \`--tolerate-unreachable ${silent.length}\` to the command.`
  }
  const pattern = unreachable.map(({ host }) => `!${host}`).join(':')
  return report.leftOut.length === 0
    ? ` To go on without ${names}, add \`--limit '${pattern}'\` to the command.`
    : ` To go on without ${names}, add \`:${pattern}\` to --limit.`
}

function pendingStatus(report: RunReport): string {
  const changing = report.hosts.filter(({ changes }) => changes.length > 0)
  const all = !changing.some(isGuarded)
  const what = all ? 'not protected' : 'not as the inventory says'
  const next = all ? 'to protect: `fw-run apply`' : 'to correct that: `fw-run apply`'
  return `${what}: ${hostList(unprotected(report))}.${sentence(statusCaveat(report) ?? next)}`
}

/** A host's own fault comes before what was objected to. */
function cause({ hosts, objections }: RunReport, culprits: string): string {
  return hosts.some(({ fault }) => fault) || objections.length === 0
    ? `of ${culprits}`
    : objectionCause(objections)
}

function passed(report: RunReport, all: string): string {
  const warned = countWarnings(report)
  if (warned === 0) return `all checks passed on ${all}`
  return `no check failed on ${all}, ${warned} ${warned === 1 ? 'warning' : 'warnings'}`
}

function wouldChange({ hosts, command, purpose, edit, waves }: RunReport): string {
  const count = hosts.filter(({ changes }) => changes.length > 0).length
  if (count === 0) {
    return edit ? 'only the inventory file would change.' : 'there is nothing to do.'
  }
  const absent = hosts.flatMap(({ host, tolerated }) => (tolerated ? [host] : []))
  const without = absent.length > 0 ? `, and leave out ${hostList(absent)}` : ''
  return `${purpose === 'audit' ? 'apply' : command} would change ${countHosts(count)}${inSoManyWaves(waves)}${without}.`
}

function sentence(words: string | undefined): string {
  return words ? ` ${words.charAt(0).toUpperCase()}${words.slice(1)}.` : ''
}

/** The hosts whose rule is missing, or for which a change is planned. A failing check alone says nothing of that. */
function notAsWanted({ hosts }: RunReport): string[] {
  return hosts.flatMap((host) =>
    host.known && (!isGuarded(host) || host.changes.length > 0) ? [host.host] : [],
  )
}

function unprotected(report: RunReport): string[] {
  return report.hosts
    .filter((host: HostReport) => host.known && protectionOf(host) !== 'protected')
    .map(({ host }) => host)
}
