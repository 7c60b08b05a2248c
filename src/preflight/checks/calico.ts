import type { Rule } from '../../iptables/rule.ts'
import { type Ruleset, rulesOf } from '../../iptables/ruleset.ts'
import { type CheckResult, fail, type ProtectionCheck, pass } from '../check.ts'

/**
 * Whether Felix has its chains in FORWARD, and accepts nothing inside them (Felix 3.16 and later). That Felix still runs is
 * not asked: its rules decide on packets until somebody deletes them, and placement reads them as they are.
 */
export const calico: ProtectionCheck = {
  id: 'calico',
  judge({ state: { ruleset } }) {
    const rules = calicosRules(ruleset)
    if (!rules) return absent(ruleset)
    const accept = rules.find(({ target }) => target?.name === 'ACCEPT')
    if (!accept) return pass
    return rules.some(isOfBpf) ? acceptedByBpf(accept) : acceptedEarly(accept)
  },
}

/** The rules to which FORWARD jumps for Calico; undefined if it does not. */
export function calicosRules(ruleset: Ruleset): readonly Rule[] | undefined {
  const jumps = rulesOf(ruleset, 'filter', 'FORWARD').some(
    ({ target }) => target?.name === 'cali-FORWARD',
  )
  return jumps ? ruleset.tables.get('filter')?.get('cali-FORWARD')?.rules : undefined
}

/** Chains in filter by which kube-proxy, flannel and kube-router show. */
const kubernetes = ['KUBE-FORWARD', 'KUBE-SERVICES', 'FLANNEL-FWD', 'KUBE-ROUTER-FORWARD']

function absent(ruleset: Ruleset): CheckResult {
  const others = kubernetes.filter((name) => ruleset.tables.get('filter')?.has(name))
  const found = others.length > 0 ? `only ${others.join(', ')}` : 'none'
  return fail(
    `FORWARD does not jump to cali-FORWARD, so Calico is not at work here. Of the chains ${kubernetes.join(', ')}, this host has ${found}`,
    others.length > 0
      ? 'Read the logs of calico-node on this host. Run again when its chains are there. A cluster without Calico is not supported.'
      : 'Check that kubelet and calico-node run on this host, and which iptables backend they use. Or take the host out of fw_group.',
  )
}

/**
 * Whether a rule is one of Calico's eBPF data plane: its comment says so, or it asks for the mark of packets that a BPF
 * program has seen (felix/rules/static.go, felix/bpf/tc/defs).
 */
function isOfBpf({ raw }: Rule): boolean {
  return /\bBPF\b|--mark 0x[13]000000\//.test(raw)
}

function acceptedByBpf(accept: Rule): CheckResult {
  return fail(
    `Calico's eBPF data plane forwards packets here, and they do not pass our rule: ${accept.raw}`,
    'With eBPF, no iptables rule can protect pods, but Calico can. Create a HostEndpoint for the interface. Add a GlobalNetworkPolicy with applyOnForward: true that lets only nodes in. Or go back to the iptables data plane.',
  )
}

function acceptedEarly(accept: Rule): CheckResult {
  return fail(
    `Felix accepts packets inside cali-FORWARD, before every position that our rule can have: ${accept.raw}`,
    'Felix up to 3.15 does so. Upgrade Calico to 3.16 or later.',
  )
}
