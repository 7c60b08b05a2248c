import { type CheckResult, type EarlyCheck, pass, warn } from '../../check.ts'
import { disabling } from '../../evidence/boot-commands.ts'

/** Whether another service restores saved rules or sets at boot. Ours starts after it, but what was saved may be old. */
export const savedRules: EarlyCheck = {
  id: 'saved-rules',
  judge({ facts: { bootObstacles }, intent, state }): CheckResult {
    const { restorers } = bootObstacles
    if (!intent.persist || restorers.length === 0) return pass
    const manager = state.boot?.manager ?? 'systemd'
    const filesOf = manager === 'openrc' ? filesWithOpenRc : filesElsewhere
    const files = restorers.map((name) => filesOf[name]).filter((file) => file !== undefined)
    const names = restorers.join(' and ')
    return warn(
      `at boot, ${restorers.length > 1 ? `the services ${names} restore` : `the service ${names} restores`} rules or sets from ${files.join(' and ')}${manager === 'systemd' ? ', before fw-run-guard starts' : ''}. If such a file has rules of Kubernetes or fw-run, old rules come back. If one of these rules names a set that is missing, no rule of that file comes back`,
      `Run \`grep -rHnE 'KUBE-|cali|FW-RUN|${intent.set}' ${files.join(' ')}\` on that host. It shows the rules of Kubernetes and fw-run in these files: delete these lines.${manager === 'openrc' ? ' If such a file is missing, the file of that service in /etc/conf.d says where it is.' : ''} If nobody needs ${names}, run ${disabling(restorers, manager)} there.`,
    )
  },
}

/** What they restore, on the distributions that have them. */
const filesElsewhere: Readonly<Record<string, string>> = {
  iptables: '/etc/sysconfig/iptables',
  ip6tables: '/etc/sysconfig/ip6tables',
  ipset: '/etc/sysconfig/ipset',
  'netfilter-persistent': '/etc/iptables/rules.v4',
}

/** The same on Alpine; Gentoo has others. The file of a service in /etc/conf.d says it. */
const filesWithOpenRc: Readonly<Record<string, string>> = {
  ...filesElsewhere,
  iptables: '/etc/iptables/rules-save',
  ip6tables: '/etc/iptables/rules6-save',
  ipset: '/etc/ipset.d',
}
