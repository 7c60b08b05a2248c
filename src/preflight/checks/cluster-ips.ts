import type { ProtectIntent } from '../../guard/intent.ts'
import { matchOption } from '../../iptables/rule.ts'
import { forwardingRules } from '../../placement/forwarding-rules.ts'
import { reachableClusterIp } from '../../placement/reachable-cluster-ip.ts'
import { type ProtectionCheck, type Subject, warn } from '../check.ts'
import { passUnder } from '../evidence/refused-plan.ts'

/**
 * Whether outsiders reach services by their ClusterIP: kube-proxy marks such packets (0x4000) and KUBE-FORWARD accepts
 * them before any position of ours. A warning only, because no rule of ours can change it.
 */
export const clusterIps: ProtectionCheck = {
  id: 'cluster-ips',
  judge(subject) {
    if (byIpvs(subject)) {
      return warn(
        'kube-proxy uses IPVS here, so ClusterIPs are addresses of this node. Packets of an outsider who routes the service network to it end at the node and never come to FORWARD',
        remedy,
      )
    }
    const { state, intent, plan } = subject
    const position = plan.kind === 'planned' ? plan.placement?.position : undefined
    const open = reachableClusterIp(state, intent, position ?? 1)
    if (!open) return passUnder(plan, 'placement')
    return warn(
      `an outsider who routes the service network to this node reaches services, for example ${open.service}: ${reasons[open.because]}`,
      remedy,
    )
  },
}

const reasons = {
  rule: 'kube-proxy marks its packets, and KUBE-FORWARD accepts them before our rule',
  exempt: 'fw_published: allow spares its packets, as it spares published ports',
} as const

const remedy =
  'Our rule guards pods by their own addresses only. Do not let outsiders route the service network to nodes: block it on the router.'

/**
 * Whether kube-proxy gives the node the ClusterIPs as its own addresses, on an interface made for them. Its chains and its
 * interface stay when it changes its mode, so packets must come to the rule, or the interface must have addresses.
 */
function byIpvs({ state, intent }: Subject<ProtectIntent>): boolean {
  const asks = forwardingRules(state.ruleset, 'nat').some(
    (rule) =>
      rule.chain === 'KUBE-SERVICES' &&
      matchOption(rule, 'set', 'match-set')?.values[0] === 'KUBE-CLUSTER-IP',
  )
  return (
    asks ||
    intent.network.interfaces.some(
      ({ name, addresses }) => name === 'kube-ipvs0' && addresses.length > 0,
    )
  )
}
