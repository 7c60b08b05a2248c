import type { ProtectIntent } from '../../guard/intent.ts'
import { matchOption } from '../../iptables/rule.ts'
import { rulesOf } from '../../iptables/ruleset.ts'
import { openService } from '../../placement/open-service.ts'
import { type ProtectionCheck, type Subject, warn } from '../check.ts'
import { passUnder } from './judged-by-plan.ts'

/**
 * Whether neighbours reach services by their ClusterIP: kube-proxy marks such packets (0x4000) and KUBE-FORWARD accepts
 * them, long before any position where our rule could stand. Only told, because no rule of ours can mend it.
 */
export const clusterIpsClosed: ProtectionCheck = {
  title: 'services are closed by ClusterIP, too',
  judge(subject) {
    if (byIpvs(subject)) {
      return warn(
        'kube-proxy works with IPVS here: ClusterIPs are addresses of this node, so packets of a neighbour who routes the service network to it go to the node itself and never come to FORWARD',
        remedy,
      )
    }
    const { state, intent, plan } = subject
    const position = plan.kind === 'planned' ? plan.placement?.position : undefined
    const open = openService(state, intent, position ?? 1)
    if (!open) return passUnder(plan, 'placement')
    return warn(
      `a neighbour who routes the service network to this node still reaches services, ${open.service} for one: ${reasons[open.because]}`,
      remedy,
    )
  },
}

const reasons = {
  rule: 'kube-proxy marks its packets, and KUBE-FORWARD accepts them before our rule',
  exempt: 'fw_published: allow spares its packets, as it spares published ports',
} as const

const remedy =
  'Our rule guards pods by their own addresses only. Keep neighbours from routing the service network to nodes, for example on the router.'

/** Whether kube-proxy gives the node the ClusterIPs of services for its own, on an interface made for them. */
function byIpvs({ state, intent }: Subject<ProtectIntent>): boolean {
  const asks = rulesOf(state.ruleset, 'nat', 'KUBE-SERVICES').some(
    (rule) => matchOption(rule, 'set', 'match-set')?.values[0] === 'KUBE-CLUSTER-IP',
  )
  return asks || intent.network.interfaces.some(({ name }) => name === 'kube-ipvs0')
}
