import { type ProtectionCheck, pass, warn } from '../check.ts'

/**
 * Whether kube-proxy translates services by chains that we can read. In nftables mode, by IPVS without chains, or where
 * eBPF does its work, nothing in iptables tells which ports are published.
 */
export const publishedPortsSeen: ProtectionCheck = {
  title: 'published ports can be seen',
  judge({ facts, state, intent }) {
    const seen = [state.ruleset, facts.otherRuleset].some(
      ({ tables }) =>
        tables.get('nat')?.has('KUBE-SERVICES') || tables.get('filter')?.has('KUBE-FORWARD'),
    )
    if (seen || intent.published !== undefined) return pass
    const by = facts.interfaces.some(({ name }) => name === 'kube-ipvs0')
      ? 'IPVS does (kube-ipvs0)'
      : 'kube-proxy does in nftables mode, or eBPF'
    return warn(
      `no chain of kube-proxy is in iptables, so services are translated elsewhere, as ${by}: whether our rule would cut NodePorts and load balancers cannot be told`,
      'Set fw_published: allow to keep reachable what conntrack translates, or block to accept that it is cut; and name a NodePort in fw_probes.',
    )
  },
}
