import type { Ruleset } from '../iptables/ruleset.ts'
import { fail, type ProtectionCheck, pass } from './check.ts'

/** Whether the chains of Kubernetes are in the backend that `iptables` writes to, and in no other. */
export const oneBackend: ProtectionCheck = {
  title: 'chains are in one backend only',
  judge({ facts, state }) {
    const elsewhere = clusterChains(facts.otherRuleset)
    if (elsewhere.length === 0) return pass
    const here = clusterChains(state.ruleset)
    const seen = elsewhere.slice(0, 3).join(', ')
    return fail(
      here.length === 0
        ? `the chains of the cluster (${seen}, …) are in the other backend, not in that of \`iptables\``
        : `both backends hold chains of the cluster (${seen}, … in the other), so a packet passes both`,
      'Make all components use one backend (iptables-legacy), and flush what is left in the other after a reboot.',
    )
  },
}

function clusterChains(ruleset: Ruleset): readonly string[] {
  const filter = ruleset.tables.get('filter')
  return [...(filter?.keys() ?? [])].filter((name) => /^(cali-|KUBE-|FLANNEL-)/.test(name))
}
