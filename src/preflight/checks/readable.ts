import type { HostFacts } from '../../facts/host-facts.ts'
import { type CheckResult, fail, pass } from '../check.ts'

export const title = 'rules and sets can be read'

/** Whether FORWARD, the rules and the sets could be read. Nothing is planned on what could not. */
export function judge({ state }: HostFacts): CheckResult {
  if (state.kind === 'read') return pass
  if (saysLocked(state.reason)) {
    return fail(
      `another program holds the xtables lock: ${state.reason}`,
      'Find it with `fuser -v /run/xtables.lock`, or wait, and run again.',
    )
  }
  return fail(state.reason, 'Run that command there as root to see why.')
}

/** What iptables says, or `timeout` by its exit code, when somebody else holds the lock (iptables 1.4.20 and later). */
function saysLocked(reason: string): boolean {
  return /xtables lock|xtables\.lock|exit code (4|124)\b/.test(reason)
}
