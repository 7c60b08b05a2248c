import { probeRefusal } from '../../outcomes/probe-policy.ts'
import { isUnconfirmed, type RunReport, statusOf } from '../../outcomes/run-report.ts'
import { countHosts, hostList } from '../host-list.ts'
import { isBare } from './change-lines.ts'
import { countWarnings } from './check-lines.ts'
import { objectionCause } from './objection-words.ts'
import { protectionOf } from './recap.ts'
import { reservation } from './status-caveat.ts'

/** The last line of a run: what came of it, and in what state the hosts are now. */
export function conclusion(report: RunReport): string {
  const { command, purpose, hosts } = report
  const named = (...states: string[]): string[] =>
    hosts.filter((host) => states.includes(statusOf(host, report))).map(({ host }) => host)
  const left = named('incomplete')
  if (left.length > 0) {
    return report.kind === 'done'
      ? `${command}: NOT SURE OF ALL HOSTS: ${hostList(left)} did not confirm; the others keep the change.`
      : `${command}: ROLLBACK NOT COMPLETE on ${hostList(left)}; every other host is as it was.`
  }
  const culprits = hostList(named('failed', 'unreachable'))
  const all = countHosts(hosts.length)
  switch (report.kind) {
    case 'interrupted':
      return `${command}: interrupted; every host is as it was.`
    case 'stale':
      return `${command}: gave up, the rules kept changing on ${culprits}; every host is as it was.`
    case 'rolled-back':
      if (isUnconfirmed(report)) {
        return `${command}: not confirmed, taken back; every host is as it was.`
      }
      return `${command}: rolled back because ${cause(report, culprits)}; every host is as it was.`
    case 'refused': {
      if (purpose === 'change') {
        const notReady = culprits ? ` Not ready: ${culprits}.` : ''
        return `${command}: refused, nothing was changed.${notReady}${sentence(probeRefusal(report))}`
      }
      const drifted = hostList(unprotected(report))
      const also = purpose === 'look' && drifted ? ` Not as the inventory says: ${drifted}.` : ''
      const trouble = culprits
        ? `not all hosts are well. Trouble on ${culprits}.`
        : 'not all is well.'
      const next = purpose === 'look' ? nextSteps(culprits, drifted, command) : undefined
      return `${command}: ${trouble}${also}${sentence(probeRefusal(report))}${sentence(reservation(report) ?? next)}`
    }
    case 'audited':
      return `${command}: ${passed(report, all)}; ${wouldChange(report)}`
    case 'moved':
      return `${command}: done, but others have moved rules since on ${hostList(unprotected(report))}. Run it again.`
    case 'pending': {
      if (purpose !== 'look') return `${command}: nothing was changed; ${wouldChange(report)}`
      const open = hosts.filter(({ changes }) => changes.length > 0)
      const bare = open.every(isBare)
      const what = bare ? 'not protected' : 'not as the inventory says'
      const next = bare ? '`fw-run apply` protects them' : '`fw-run apply` mends it'
      return `${command}: ${what}: ${hostList(unprotected(report))}.${sentence(reservation(report) ?? next)}`
    }
    case 'done': {
      if (purpose === 'look') {
        const but = reservation(report)
        return `${command}: ${all} protected${but ? ` for now, ${but}` : ''}.`
      }
      const changed = named('changed').length
      const watch = report.watched?.interrupted ? '; the watch was interrupted' : ''
      return changed === 0
        ? `${command}: nothing to do on ${all}${watch}.`
        : `${command}: done, ${changed} of ${all} changed${watch}.`
    }
  }
}

/** A host's own fault comes before what was objected to. */
function cause({ hosts, objections }: RunReport, culprits: string): string {
  return hosts.some(({ fault }) => fault) || objections.length === 0
    ? `of ${culprits}`
    : objectionCause(objections)
}

/** What comes next where hosts are in trouble: apply refuses until all of them are well. */
function nextSteps(culprits: string, drifted: string, command: string): string {
  return `mend ${culprits} first, then \`fw-run ${drifted ? 'apply' : command}\``
}

function passed(report: RunReport, all: string): string {
  const warned = countWarnings(report)
  if (warned === 0) return `all checks passed on ${all}`
  return `no check failed on ${all}, ${warned} ${warned === 1 ? 'warning' : 'warnings'}`
}

function wouldChange({ hosts, command, purpose }: RunReport): string {
  const count = hosts.filter(({ changes }) => changes.length > 0).length
  return count === 0
    ? 'there is nothing to do.'
    : `${purpose === 'audit' ? 'apply' : command} would change ${countHosts(count)}.`
}

function sentence(words: string | undefined): string {
  return words ? ` ${words.charAt(0).toUpperCase()}${words.slice(1)}.` : ''
}

function unprotected(report: RunReport): string[] {
  return report.hosts
    .filter((host) => host.known && protectionOf(host) !== 'protected')
    .map(({ host }) => host)
}
