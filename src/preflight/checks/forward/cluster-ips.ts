import { isOfServices } from '../../../facts/inner-interface-names.ts'
import type { ForwardIntent } from '../../../guard/intent.ts'
import { matchOption } from '../../../iptables/rule.ts'
import { forwardingRules } from '../../../placement/forwarding-rules.ts'
import { reachableClusterIp } from '../../../placement/reachable-cluster-ip.ts'
import { type ForwardCheck, type Subject, warn } from '../../check.ts'
import { type Instead, sentences, useInstead } from '../../evidence/other-guard.ts'
import { passUnder } from '../../evidence/refused-plan.ts'

/**
 * Whether outsiders reach services by their ClusterIP: kube-proxy marks such packets (0x4000) and KUBE-FORWARD accepts
 * them before any position of ours. A warning only, because no rule of ours can change it; a table can.
 */
export const clusterIps: ForwardCheck = {
  id: 'cluster-ips',
  judge(subject) {
    const proxy = byIpvs(subject)
    if (proxy) {
      return warn(
        `${proxy} uses IPVS here, so each ClusterIP is an address of this node. Packets to ClusterIPs do not go through FORWARD, so the rule of fw-run cannot stop them`,
        remedy(subject.instead),
      )
    }
    const { state, intent, plan, instead } = subject
    const position = plan.kind === 'planned' ? plan.placement?.position : undefined
    const open = reachableClusterIp(state, intent, position ?? 1)
    if (!open) return passUnder(plan, 'placement')
    return warn(
      `outsiders can reach services through this node, for example ${open.service}: ${reasons[open.because]}`,
      remedy(instead),
    )
  },
}

const reasons = {
  rule: 'kube-proxy marks packets to ClusterIPs, and KUBE-FORWARD accepts marked packets before the rule of fw-run',
  exempt: 'with fw_published: allow, the rule of fw-run lets packets to ClusterIPs pass',
} as const

function remedy(instead: Instead): string {
  const other = useInstead(instead, '', ', and also closes ClusterIPs')
  return sentences(
    'The rule of fw-run closes pod addresses, but not ClusterIPs.',
    other,
    `${other ? 'Or block' : 'Block'} traffic from outsiders to the service network on the router.`,
  )
}

/**
 * Which program gives the node the ClusterIPs as its own addresses, on an interface made for them. Its chains and its
 * interface stay when it changes its mode, so packets must come to the rule, or the interface must have addresses.
 */
function byIpvs({ state, intent }: Subject<ForwardIntent>): string | undefined {
  const asks = forwardingRules(state.ruleset, 'nat').some(
    (rule) =>
      rule.chain === 'KUBE-SERVICES' &&
      matchOption(rule, 'set', 'match-set')?.values[0] === 'KUBE-CLUSTER-IP',
  )
  const bound = intent.network.interfaces.find(
    ({ name, addresses }) => isOfServices(name) && addresses.length > 0,
  )
  if (!asks && !bound) return undefined
  return !asks && bound?.name === 'kube-dummy-if' ? 'kube-router' : 'kube-proxy'
}
