import type { Ruleset } from '../iptables/ruleset.ts'
import { rulesOf } from '../iptables/ruleset.ts'
import { forwardingRules } from '../plan/placement/reachable.ts'
import { fail, type ProtectionCheck, pass, warn } from './check.ts'
import { sharedMark } from './shared-mark.ts'

/**
 * Whether what decides on packets is in the backend that `iptables` writes to, and in no other. A packet passes both: what
 * the other translates or marks is so for our rules as well, unseen by any walk; what it drops, we need not stop.
 */
export const oneBackend: ProtectionCheck = {
  title: 'chains are in one backend only',
  judge({ facts, state, intent }) {
    const { otherRuleset: other } = facts
    const elsewhere = clusterChains(other)
    if (elsewhere.length > 0) {
      const seen = elsewhere.slice(0, 3).join(', ')
      return fail(
        clusterChains(state.ruleset).length === 0
          ? `the chains of the cluster (${seen}, …) are in the other backend, not in that of \`iptables\``
          : `both backends hold chains of the cluster (${seen}, … in the other), so a packet passes both`,
        'Make all components use one backend (iptables-legacy), and flush what is left in the other after a reboot.',
      )
    }
    const marking = sharedMark(other, state.ruleset, intent.interfaces)
    if (marking) {
      return fail(
        `a rule in the other backend sets a mark that rules of \`iptables\` ask for: ${marking.raw}`,
        'Marks are shared, so it may let outsiders in. Move that rule to iptables-legacy, or take it out.',
      )
    }
    const translating = translation(other)
    if (translating && intent.published === undefined) {
      return fail(
        `nat in the other backend publishes ports, and whether our rule would cut them cannot be told: ${translating}`,
        'Move it to iptables-legacy. Or set fw_published: allow to keep published ports reachable, or block to accept that they are cut.',
      )
    }
    const dropping = filtering(other)
    if (dropping === undefined) return pass
    return warn(
      `FORWARD in the other backend decides as well: ${dropping}`,
      'What it drops stays dropped, whatever our rule lets pass. See `iptables-nft-save -t filter`, and flush what is left over.',
    )
  },
}

/** The chains of Kubernetes by table; those that kubelet and kube-proxy only make to be seen hold no rule. */
function clusterChains({ tables }: Ruleset): readonly string[] {
  const names = [...tables.values()].flatMap((chains) => [...chains.keys()])
  return [...new Set(names)].filter(
    (name) => /^(cali-|KUBE-|FLANNEL-)/.test(name) && !/-(CANARY|HINT)$/.test(name),
  )
}

/** The first rule there that sends forwarded packets elsewhere. */
function translation(other: Ruleset): string | undefined {
  return forwardingRules(other, 'nat').find(({ target }) =>
    ['DNAT', 'NETMAP', 'REDIRECT'].includes(target?.name ?? ''),
  )?.raw
}

/** What FORWARD there does that may end a packet: its policy, and the first of its rules. */
function filtering(other: Ruleset): string | undefined {
  const policy = other.tables.get('filter')?.get('FORWARD')?.policy ?? 'ACCEPT'
  const [first] = rulesOf(other, 'filter', 'FORWARD')
  const told = [...(policy === 'ACCEPT' ? [] : [`policy ${policy}`]), ...(first ? [first.raw] : [])]
  return told.length > 0 ? told.join(', ') : undefined
}
