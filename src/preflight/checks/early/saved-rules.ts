import { type CheckResult, type EarlyCheck, pass, warn } from '../../check.ts'

/** Whether another service restores saved rules or sets at boot. Ours starts after it, but what was saved may be old. */
export const savedRules: EarlyCheck = {
  id: 'saved-rules',
  judge({ facts: { bootObstacles }, intent }): CheckResult {
    const { restorers } = bootObstacles
    if (!intent.persist || restorers.length === 0) return pass
    const files = restorers.map((name) => filesOf[name]).filter((file) => file !== undefined)
    const names = restorers.join(' and ')
    return warn(
      `at boot, rules or sets from ${files.join(' and ')} are restored by ${names}, before our service starts. If such a file has rules of Kubernetes or fw-run, old rules come back. If one of these rules names a set that is missing, no rule of that file comes back`,
      `Run \`grep -HnE 'KUBE-|cali|FW-RUN|${intent.set}' ${files.join(' ')}\` on that host. It shows the rules of Kubernetes and fw-run in these files: delete these lines. If nobody needs ${names}, run \`systemctl disable ${restorers.join(' ')}\` there.`,
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
