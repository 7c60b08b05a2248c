import type { HostFacts } from '../../../facts/host-facts.ts'
import { type CheckResult, fail, pass } from '../../check.ts'
import { type Instead, sentences, useInstead } from '../../evidence/other-guard.ts'

export const id = 'legacy-backend'

/** Whether `iptables` writes to the legacy tables: the rule is known to work there. */
export function judge({ tools }: HostFacts, instead: Instead): CheckResult {
  if (tools.backend === 'legacy') return pass
  if (tools.backend === 'nf_tables') {
    return fail(
      `${tools.iptables} writes to the backend nf_tables, but the guard forward needs the backend legacy`,
      sentences(
        useInstead(instead),
        `${instead() ? 'Or, if' : 'If'} Kubernetes uses the legacy backend (\`iptables-legacy-save | grep -c KUBE-\` prints more than 0), switch the host: \`update-alternatives --set iptables /usr/sbin/iptables-legacy && update-alternatives --set ip6tables /usr/sbin/ip6tables-legacy\`.`,
      ),
    )
  }
  return fail(
    `fw-run does not know the version that \`iptables -V\` prints: '${tools.iptables}'`,
    'Install iptables on that host. `command -v iptables` shows which program `iptables` is now.',
  )
}
