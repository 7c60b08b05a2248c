import { isOfServices } from '../../../facts/inner-interface-names.ts'
import type { Ruleset } from '../../../iptables/ruleset.ts'
import { forwardingRules } from '../../../placement/forwarding-rules.ts'
import { type ForwardCheck, fail, pass, warn } from '../../check.ts'
import { publishingTables } from '../../evidence/publishing-tables.ts'

/**
 * Whether iptables shows which ports are published. It does not show what nft itself translates for CNI plugins or docker. And
 * kube-proxy has no chains in iptables if it runs in nftables mode or if eBPF replaces it, and perhaps none with IPVS.
 */
export const visibleServices: ForwardCheck = {
  id: 'visible-services',
  judge({ facts, state, intent }) {
    if (intent.published !== undefined) return pass
    const { otherRuleset: other, publishingTables: tables } = facts
    const hidden = publishingTables(facts)
    if (hidden) {
      return fail(
        `nftables may publish ports on this host: ${hidden.names}. fw-run does not know whether the rule of fw-run makes these ports unreachable`,
        `${decide} ${hidden.show}`,
      )
    }
    const readable = other.kind === 'read' ? [state.ruleset, other.value] : [state.ruleset]
    if (!readable.some(translatesServices)) {
      const bound = intent.network.interfaces.find(
        ({ name, addresses }) => isOfServices(name) && addresses.length > 0,
      )
      const by = bound
        ? `by IPVS (${bound.name})`
        : 'by kube-proxy in nftables mode or by eBPF (or kube-proxy does not run)'
      return warn(
        `this host uses no iptables rules of kube-proxy, so services probably work ${by}. So fw-run does not know whether the rule of fw-run makes NodePorts and load balancers unreachable`,
        `${decide} To test it, add a NodePort to fw_probes.`,
      )
    }
    if (tables.kind === 'read') return pass
    return warn(
      `fw-run could not read whether nftables publishes ports on this host: ${tables.reason}`,
      `${tables.remedy} ${decide}`,
    )
  },
}

const decide =
  'To keep published ports reachable, set fw_published: allow. If nobody needs them, set fw_published: block.'

/** Whether packets come to rules of kube-proxy. Its chains alone may be left from another mode. */
function translatesServices(ruleset: Ruleset): boolean {
  return (
    forwardingRules(ruleset, 'nat').some(({ chain }) => chain === 'KUBE-SERVICES') ||
    forwardingRules(ruleset, 'filter').some(({ chain }) => chain === 'KUBE-FORWARD')
  )
}
