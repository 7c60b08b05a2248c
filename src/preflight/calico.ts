import { rulesOf } from '../iptables/ruleset.ts'
import { fail, type ProtectionCheck, pass, warn } from './check.ts'

/** The chains in filter of kube-proxy, flannel and kube-router. */
const kubernetes = ['KUBE-FORWARD', 'KUBE-SERVICES', 'FLANNEL-FWD', 'KUBE-ROUTER-FORWARD']

/** Whether Felix has its chains in FORWARD, and leaves it to later rules to accept (Felix 3.16 and later). */
export const calicoChains: ProtectionCheck = {
  title: 'Calico chains present, Felix new enough',
  judge({ state }) {
    const jumps = rulesOf(state.ruleset, 'filter', 'FORWARD').some(
      ({ target }) => target?.name === 'cali-FORWARD',
    )
    const chain = state.ruleset.tables.get('filter')?.get('cali-FORWARD')
    if (!jumps || !chain) {
      const missing = 'FORWARD does not jump to cali-FORWARD, and '
      const others = kubernetes.filter((name) => state.ruleset.tables.get('filter')?.has(name))
      if (others.length === 0) {
        return fail(
          `${missing}there is no chain of Kubernetes: not a Kubernetes node, or its chains are in another backend`,
          'See whether kubelet and calico-node run on this host and what they log; or take the host out of fw_group.',
        )
      }
      return warn(
        `${missing}there is ${others.join(', ')}: Kubernetes without Calico, and the place was judged by the rules that are there`,
        'If Calico belongs on this host, see what calico-node logs, and run fw-run again when its chains are there.',
      )
    }
    const accept = chain.rules.find(({ target }) => target?.name === 'ACCEPT')
    if (!accept) return pass
    return fail(
      `Felix accepts inside cali-FORWARD, before any rule of ours could stand: ${accept.raw}`,
      'Felix up to 3.15 does so. Upgrade Calico to 3.16 or later.',
    )
  },
}
