import type { SeenProtection } from '../events.ts'
import { failures, type HostReport, isGuarded, type RunReport, statusOf } from './run-report.ts'

/**
 * How a host was protected when it was read, in a word; `ineffective`: the guard stands, but a check fails, so it may not
 * work as it should.
 */
export function protectionOf(host: HostReport): Exclude<SeenProtection, 'unreachable' | 'unknown'> {
  if (!isGuarded(host)) return 'unprotected'
  if (failures(host).length > 0) return 'ineffective'
  return host.changes.length === 0 ? 'protected' : 'drifted'
}

/** The same of any host, read or not. */
export function seenProtection(host: HostReport, report: RunReport): SeenProtection {
  if (host.known) return protectionOf(host)
  const state = statusOf(host, report)
  return state === 'unreachable' || state === 'left-out' ? 'unreachable' : 'unknown'
}
