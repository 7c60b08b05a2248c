import { type CheckResult, type EarlyCheck, pass, warn } from '../../check.ts'

/** Whether another service restores saved rules or sets at boot. Ours starts after it, but what was saved may be old. */
export const savedRules: EarlyCheck = {
  id: 'saved-rules',
  judge({ facts: { bootObstacles }, intent }): CheckResult {
    const { restorers } = bootObstacles
    if (!intent.persist || restorers.length === 0) return pass
    const files = restorers.map((name) => filesOf[name]).filter((file) => file !== undefined)
    return warn(
      `${restorers.join(' and ')} will restore saved rules or sets at boot, before our service: ${files.join(', ')}. If somebody saves rules while Kubernetes runs, the file also has the rules of Kubernetes and fw-run. Such a file brings back old rules. If a rule in it names a missing set, the service restores no rule of that file`,
      `Look for rules of Kubernetes and fw-run in these files on that host: \`grep -lE 'KUBE-|cali|FW-RUN|${intent.set}' ${files.join(' ')}\`. Delete such lines. If nobody needs the service, disable it: \`systemctl disable ${restorers.join(' ')}\`.`,
    )
  },
}

/** What they restore, on the distributions that have them. */
const filesOf: Readonly<Record<string, string>> = {
  iptables: '/etc/sysconfig/iptables',
  ip6tables: '/etc/sysconfig/ip6tables',
  ipset: '/etc/sysconfig/ipset',
  'netfilter-persistent': '/etc/iptables/rules.v4',
}
