import { rulesOf } from '../../iptables/ruleset.ts'
import { fail, type ProtectionCheck, pass } from '../check.ts'

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
      const others = kubernetes.filter((name) => state.ruleset.tables.get('filter')?.has(name))
      const found =
        others.length > 0 ? `only ${others.join(', ')}` : 'no chain of Kubernetes at all'
      return fail(
        `FORWARD does not jump to cali-FORWARD; there is ${found}: Calico is not at work here`,
        others.length > 0
          ? 'See what calico-node logs on this host, and run again when its chains are there.'
          : 'See whether kubelet and calico-node run on this host, and in which backend they write; or take the host out of fw_group.',
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
