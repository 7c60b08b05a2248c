import { isOfServices } from '../../../facts/inner-interface-names.ts'
import type { Ruleset } from '../../../iptables/ruleset.ts'
import { forwardingRules } from '../../../placement/forwarding-rules.ts'
import { type ForwardCheck, pass, warn } from '../../check.ts'

/**
 * Whether kube-proxy translates services by chains that we can read. In nftables mode, by IPVS without chains, or where
 * eBPF does its work, iptables does not show which ports are published.
 */
export const visibleServices: ForwardCheck = {
  id: 'visible-services',
  judge({ facts, state, intent }) {
    const { otherRuleset: other } = facts
    const readable = other.kind === 'read' ? [state.ruleset, other.value] : [state.ruleset]
    const seen = readable.some(translatesServices)
    if (seen || intent.published !== undefined) return pass
    const bound = intent.network.interfaces.find(
      ({ name, addresses }) => isOfServices(name) && addresses.length > 0,
    )
    const by = bound
      ? `by IPVS (${bound.name})`
      : 'by kube-proxy in nftables mode or by eBPF (or kube-proxy does not run)'
    return warn(
      `this host uses no iptables rules of kube-proxy, so services probably work ${by}. So fw-run does not know whether our rule makes NodePorts and load balancers unreachable`,
      'To keep published ports reachable, set fw_published: allow. If nobody needs them, set fw_published: block. To test it, add a NodePort to fw_probes.',
    )
  },
}

/** Whether packets come to rules of kube-proxy. Its chains alone may be left from another mode. */
function translatesServices(ruleset: Ruleset): boolean {
  return (
    forwardingRules(ruleset, 'nat').some(({ chain }) => chain === 'KUBE-SERVICES') ||
    forwardingRules(ruleset, 'filter').some(({ chain }) => chain === 'KUBE-FORWARD')
  )
}
