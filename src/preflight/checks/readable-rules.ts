import type { HostFacts } from '../../facts/host-facts.ts'
import { type CheckResult, fail, pass } from '../check.ts'

export const id = 'readable-rules'

/** Whether FORWARD, the rules and the sets could be read. Without them there is no plan. */
export function judge({ state, tools }: HostFacts): CheckResult {
  const [odd] = tools.oddBackends
  if (odd) {
    const versions = odd.map((program) => `\`${program} -V\``).join(' and ')
    return fail(
      `${odd.map((program) => `\`${program}\``).join(' and ')} on this host use different backends, so fw-run would read other rules than it changes`,
      `Make all programs of iptables use the same backend: \`update-alternatives --config ${odd[0]}\` on that host. Then ${versions} print the same backend. If they do not, \`${odd.map((program) => `command -v ${program}`).join('; ')}\` shows which files to replace.`,
    )
  }
  if (state.kind === 'read') return pass
  if (saysLocked(state.reason, tools.backend)) {
    return fail(
      `another program holds the xtables lock: ${state.reason}`,
      '`fuser -v /run/xtables.lock` on that host shows that program. Wait until it ends, or end it by `kill`. Then run the same command again.',
    )
  }
  return fail(state.reason, state.remedy)
}

/**
 * What iptables says, or `timeout` by its exit code, when another program holds the lock (iptables 1.4.20 and later). With nf_tables,
 * which takes no lock, these exit codes mean something else.
 */
function saysLocked(reason: string, backend: HostFacts['tools']['backend']): boolean {
  if (/xtables[ .]lock/.test(reason)) return true
  return backend !== 'nf_tables' && /exit code (4|124)\b/.test(reason)
}
