import { type ForwardCheck, fail, pass, warn } from '../../check.ts'
import { clusterChains, filtering, translation } from '../../evidence/other-backend.ts'
import { sharedMark } from '../../evidence/shared-mark.ts'

/**
 * Whether all that decides on packets is in the backend that `iptables` writes to. A packet passes both backends: what
 * the other translates or marks also holds for our rules, and no walk sees it. What it drops, we need not stop.
 */
export const oneBackend: ForwardCheck = {
  id: 'one-backend',
  judge({ facts, state, intent }) {
    if (facts.otherRuleset.kind === 'unreadable') {
      const { reason, remedy } = facts.otherRuleset
      return fail(`fw-run could not read the nf_tables backend: ${reason}`, remedy)
    }
    const other = facts.otherRuleset.value
    const elsewhere = clusterChains(other)
    if (elsewhere.length > 0) {
      const seen = [...new Set(elsewhere.map(({ name }) => name))].slice(0, 3).join(', ')
      return clusterChains(state.ruleset).length === 0
        ? fail(
            `\`iptables\` on this host does not show the chains of the cluster (${seen}, …): they are in the nf_tables backend`,
            'Make kube-proxy, Calico and the CNI use iptables-legacy, as `iptables` does on this host. Then run the same command again.',
          )
        : fail(
            `both backends hold chains of the cluster, so a packet goes through both; in the nf_tables backend: ${seen}, …`,
            'Make kube-proxy, Calico and the CNI use iptables-legacy. Then reboot the host: that clears the nf_tables backend.',
          )
    }
    const marking = sharedMark(other, state.ruleset, intent)
    if (marking) {
      return fail(
        `a rule in the nf_tables backend sets a mark that rules of \`iptables\` match: ${marking.raw}`,
        'Both backends share marks, so this may let outsiders in. If a program wrote that rule, make that program use iptables-legacy. If you wrote it, add it again with iptables-legacy, and delete the old rule.',
      )
    }
    const translating = translation(other, intent.interfaces)
    if (translating && intent.published === undefined) {
      return fail(
        `nat in the nf_tables backend publishes ports; fw-run does not know whether our rule makes them unreachable: ${translating}`,
        'To keep published ports reachable, set fw_published: allow. If nobody needs them, set fw_published: block. Or make the program that wrote that nat rule use iptables-legacy.',
      )
    }
    const dropping = filtering(other)
    if (dropping === undefined) return pass
    return warn(
      `FORWARD in the nf_tables backend also decides on packets: ${dropping}`,
      'Packets that the nf_tables backend drops stay dropped, even if our rule lets them pass. If pods work today, nothing needs to be done. `iptables-nft-save -t filter` shows these rules.',
    )
  },
}
