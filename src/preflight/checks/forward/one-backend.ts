import { type ForwardCheck, fail, pass, warn } from '../../check.ts'
import { clusterChains, filtering, translation } from '../../evidence/other-backend.ts'
import { sentences, useInstead } from '../../evidence/other-guard.ts'
import { sharedMark } from '../../evidence/shared-mark.ts'

/**
 * Whether all that decides on packets is in the backend that `iptables` writes to. A packet passes both backends: what
 * the other translates or marks also holds for our rules, and no walk sees it. What it drops, we need not stop.
 */
export const oneBackend: ForwardCheck = {
  id: 'one-backend',
  judge({ facts, state, intent, instead }) {
    if (facts.otherRuleset.kind === 'unreadable') {
      const { reason, remedy } = facts.otherRuleset
      return fail(`fw-run could not read the nf_tables backend: ${reason}`, remedy)
    }
    const other = facts.otherRuleset.value
    const elsewhere = clusterChains(other)
    if (elsewhere.length > 0) {
      const names = [...new Set(elsewhere.map(({ name }) => name))]
      const seen = [...names.slice(0, 3), ...(names.length > 3 ? ['…'] : [])].join(', ')
      return fail(
        clusterChains(state.ruleset).length === 0
          ? `\`iptables\` on this host does not show the chains of the cluster: ${seen} ${names.length === 1 ? 'is' : 'are'} in the nf_tables backend`
          : `chains of the cluster are in both backends. In the nf_tables backend: ${seen}`,
        sentences(useLegacy, useInstead(instead, 'Or ')),
      )
    }
    const marking = sharedMark(other, state.ruleset, intent)
    if (marking) {
      return fail(
        `a rule in the nf_tables backend sets a mark that rules of \`iptables\` match: ${marking.raw}`,
        'Both backends share marks, so outsiders may reach pods. If you wrote that rule, add it again with iptables-legacy, and delete the old rule with iptables-nft. If another program wrote that rule, let that program use iptables-legacy.',
      )
    }
    const translating = translation(other, intent.interfaces)
    if (translating && intent.published === undefined) {
      return fail(
        `nat in the nf_tables backend publishes ports: ${translating}. fw-run does not know whether the rule of fw-run makes these ports unreachable`,
        'To keep published ports reachable, set fw_published: allow. If nobody needs them, set fw_published: block. Or let the program that wrote this rule use iptables-legacy.',
      )
    }
    const dropping = filtering(other)
    if (dropping === undefined) return pass
    return warn(
      `FORWARD in the nf_tables backend also decides on packets: ${dropping}`,
      'The nf_tables backend may drop packets that the rule of fw-run lets pass. If pods work today, you need not do anything. `iptables-nft-save -t filter` on that host shows these rules.',
    )
  },
}

/** Images of kube-proxy and flannel ask by `iptables-wrappers` which backend kubelet uses, and kubelet uses that of the host. */
const useLegacy =
  'Set iptablesBackend: Legacy in FelixConfiguration of Calico. Then reboot that host: kube-proxy and flannel choose their backend when they start.'
