import type { HostFacts } from '../../facts/host-facts.ts'
import { type CheckResult, fail, pass } from '../check.ts'

export const id = 'legacy-backend'

/** Whether `iptables` writes to the legacy tables: the rule is known to work there. */
export function judge({ tools }: HostFacts): CheckResult {
  if (tools.backend === 'legacy') return pass
  if (tools.backend === 'nf_tables') {
    return fail(
      `${tools.iptables} writes to nf_tables`,
      'Only the legacy backend is supported. See which backend Kubernetes uses there: `iptables-legacy-save | grep -c KUBE-`. ' +
        'If that is not 0, switch the host: `update-alternatives --set iptables /usr/sbin/iptables-legacy`. If it is 0, fw-run cannot guard this host.',
    )
  }
  return fail(
    `\`iptables -V\` says '${tools.iptables}'`,
    'Install iptables on that host. `command -v iptables` shows which program answers now.',
  )
}
