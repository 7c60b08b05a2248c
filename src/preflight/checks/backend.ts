import type { HostFacts } from '../../facts/host-facts.ts'
import { type CheckResult, fail, pass } from '../check.ts'

export const title = 'iptables backend is legacy'

/** Whether `iptables` writes to the legacy tables, where the rule is known to work. */
export function judge({ tools }: HostFacts): CheckResult {
  if (tools.backend === 'legacy') return pass
  if (tools.backend === 'nf_tables') {
    return fail(
      `${tools.iptables} writes to nf_tables`,
      'Only nodes with the legacy backend are supported. If kube-proxy and Calico use legacy there, switch the host: ' +
        '`update-alternatives --set iptables /usr/sbin/iptables-legacy`.',
    )
  }
  return fail(
    `\`iptables -V\` says '${tools.iptables}'`,
    'Install iptables there, or remove what stands in its place.',
  )
}
