import type { ForwardIntent } from '../../../guard/intent.ts'
import type { Rule } from '../../../iptables/rule.ts'
import { type Ruleset, rulesOf } from '../../../iptables/ruleset.ts'
import { type CheckResult, type ForwardCheck, fail, pass } from '../../check.ts'
import { ebpfPolicy } from '../../evidence/ebpf-policies.ts'
import { type Instead, sentences, useInstead } from '../../evidence/other-guard.ts'

/**
 * Whether Felix has its chains in FORWARD, and accepts nothing inside them (Felix 3.16 and later). That Felix still runs is
 * not asked: its rules decide on packets until somebody deletes them, and placement reads them as they are.
 */
export const calico: ForwardCheck = {
  id: 'calico',
  judge({ state: { ruleset }, intent, instead }) {
    const rules = calicosRules(ruleset)
    if (!rules) return absent(ruleset, instead)
    const accept = rules.find(({ target }) => target?.name === 'ACCEPT')
    if (!accept) return pass
    return rules.some(isOfBpf) ? acceptedByBpf(accept, intent) : acceptedEarly(accept, instead)
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

function absent(ruleset: Ruleset, instead: Instead): CheckResult {
  const others = kubernetes.filter((name) => ruleset.tables.get('filter')?.has(name))
  const found = others.length > 0 ? others.join(', ') : 'none'
  return fail(
    `FORWARD does not jump to cali-FORWARD, so Calico is not active on this host. Chains of kube-proxy, flannel and kube-router here: ${found}`,
    others.length > 0
      ? sentences(
          'Look at calico-node on that host: `kubectl get pods -A -o wide | grep calico-node`. When FORWARD jumps to cali-FORWARD, run the same command again.',
          useInstead(instead, 'If the cluster has no Calico, '),
        )
      : 'Start kubelet and calico-node on that host, then run the same command again. If the host is no node of the cluster, take the host out of the group that fw-run protects: `fw-run inventory` shows that group.',
  )
}

/**
 * Whether a rule is one of Calico's eBPF data plane: its comment says so, or it asks for the mark of packets that a BPF
 * program has seen (felix/rules/static.go, felix/bpf/tc/defs).
 */
function isOfBpf({ raw }: Rule): boolean {
  return /\bBPF\b|--mark 0x[13]000000\//.test(raw)
}

function acceptedByBpf(accept: Rule, intent: ForwardIntent): CheckResult {
  return fail(
    `Calico's eBPF data plane forwards packets here, and these packets never come to the rule of fw-run: ${accept.raw}`,
    `With eBPF, no iptables rule can protect pods, but Calico can. ${ebpfPolicy('Calico', intent)} Or go back to the iptables data plane: set bpfEnabled: false in FelixConfiguration, or linuxDataplane: Iptables if the Tigera operator runs.`,
  )
}

function acceptedEarly(accept: Rule, instead: Instead): CheckResult {
  return fail(
    `Felix accepts packets inside cali-FORWARD, before every position that the rule of fw-run can have: ${accept.raw}`,
    sentences(
      'Felix up to 3.15 does so. Upgrade Calico to 3.16 or later.',
      useInstead(instead, 'Or '),
    ),
  )
}
