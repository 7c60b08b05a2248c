import { type Chain, type Ruleset, rulesOf } from '../../iptables/ruleset.ts'
import { forwardingRules } from '../../placement/forwarding-rules.ts'
import { fail, type ProtectionCheck, pass, warn } from '../check.ts'
import { comesInBy } from './comes-in-by.ts'
import { sharedMark } from './shared-mark.ts'

/**
 * Whether what decides on packets is in the backend that `iptables` writes to, and in no other. A packet passes both: what
 * the other translates or marks is so for our rules as well, unseen by any walk; what it drops, we need not stop.
 */
export const oneBackend: ProtectionCheck = {
  title: 'chains are in one backend only',
  judge({ facts, state, intent }) {
    const { otherRuleset: other } = facts
    const elsewhere = clusterChains(other).filter(({ rules }) => rules.length > 0)
    if (elsewhere.length > 0) {
      const seen = [...new Set(elsewhere.map(({ name }) => name))].slice(0, 3).join(', ')
      return fail(
        clusterChains(state.ruleset).length === 0
          ? `the chains of the cluster (${seen}, …) are in the other backend, not in that of \`iptables\``
          : `both backends hold chains of the cluster (${seen}, … in the other), so a packet passes both`,
        'Make all components use one backend (iptables-legacy), and take out what is left in the other (-F, then -X), or reboot.',
      )
    }
    const marking = sharedMark(other, state.ruleset, intent)
    if (marking) {
      return fail(
        `a rule in the other backend sets a mark that rules of \`iptables\` ask for: ${marking.raw}`,
        'Marks are shared, so it may let outsiders in. Move that rule to iptables-legacy, or take it out.',
      )
    }
    const translating = translation(other, intent.interfaces)
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

/** The chains of Kubernetes in all tables, but for those that kubelet and kube-proxy only make to be seen. */
function clusterChains({ tables }: Ruleset): readonly Chain[] {
  return [...tables.values()]
    .flatMap((chains) => [...chains.values()])
    .filter(({ name }) => /^(cali-|KUBE-|FLANNEL-)/.test(name) && !/-(CANARY|HINT)$/.test(name))
}

/** The first rule there that sends what comes in by our interfaces on to another host. */
function translation(other: Ruleset, interfaces: readonly string[]): string | undefined {
  return forwardingRules(other, 'nat').find(
    (rule) =>
      ['DNAT', 'NETMAP'].includes(rule.target?.name ?? '') &&
      comesInBy(rule, interfaces) &&
      !rule.matches.some((match) => match.kind === 'destination' && match.cidr.startsWith('127.')),
  )?.raw
}

/** What FORWARD there does that may end a packet: its policy, and the first of its rules. */
function filtering(other: Ruleset): string | undefined {
  const policy = other.tables.get('filter')?.get('FORWARD')?.policy ?? 'ACCEPT'
  const [first] = rulesOf(other, 'filter', 'FORWARD')
  const told = [...(policy === 'ACCEPT' ? [] : [`policy ${policy}`]), ...(first ? [first.raw] : [])]
  return told.length > 0 ? told.join(', ') : undefined
}
