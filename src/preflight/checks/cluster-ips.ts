import { walk } from '../../flow/walk.ts'
import { guardRule } from '../../guard/guard.ts'
import type { ProtectIntent } from '../../guard/intent.ts'
import { matchOption } from '../../iptables/rule.ts'
import { rulesOf } from '../../iptables/ruleset.ts'
import { maxServices } from '../../limits.ts'
import { conflicts } from '../../placement/conflicts.ts'
import { atForward, fresh, syn } from '../../placement/flow.ts'
import { hostModelOf } from '../../placement/host-model.ts'
import { outsidersOn } from '../../placement/outsiders.ts'
import { pairs } from '../../placement/pairs.ts'
import { clusterIps } from '../../placement/published.ts'
import { type ProtectionCheck, type Subject, warn } from '../check.ts'
import { passUnder } from './judged-by-plan.ts'

/**
 * Whether neighbours reach services by their ClusterIP: kube-proxy marks such packets (0x4000) and KUBE-FORWARD accepts
 * them, long before any place where our rule could stand. Only told, because no rule of ours can mend it.
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
    const open = openService(subject)
    if (!open) return passUnder(subject.plan, 'place')
    const why = open.before
      ? 'kube-proxy marks its packets, and KUBE-FORWARD accepts them before our rule'
      : 'fw_published: allow spares its packets, as it spares published ports'
    return warn(
      `a neighbour who routes the service network to this node still reaches services, ${open.service} for one: ${why}`,
      remedy,
    )
  },
}

const remedy =
  'Our rule guards pods by their own addresses only. Keep neighbours from routing the service network to nodes, for example on the router.'

/** Whether kube-proxy gives the node the ClusterIPs of services for its own, on an interface made for them. */
function byIpvs({ state, intent }: Subject<ProtectIntent>): boolean {
  const asks = rulesOf(state.ruleset, 'nat', 'KUBE-SERVICES').some(
    (rule) => matchOption(rule, 'set', 'match-set')?.values[0] === 'KUBE-CLUSTER-IP',
  )
  return asks || intent.network.interfaces.some(({ name }) => name === 'kube-ipvs0')
}

/** The first service that lets in an outsider on any interface, with our rule at the place that was found for it. */
function openService({ state, intent, plan }: Subject<ProtectIntent>): Open | undefined {
  const model = hostModelOf(state, intent)
  const { ruleset } = model
  const position = plan.kind === 'planned' ? plan.place?.position : undefined
  const services = clusterIps(ruleset).slice(0, maxServices)
  for (const on of intent.interfaces) {
    const asked = pairs(services, outsidersOn(model, on), model.mostPairs)
    for (const [{ address: destination, protocol, port }, { address: source }] of asked) {
      const about = {
        ...{ ...fresh, ...(protocol === 'tcp' ? syn : {}), protocol },
        ...{ in: on, source, destination, destinationPort: port },
      }
      const arriving = { aim: 'stop', title: '', about, remedy: '', imagined: false } as const
      const flows = atForward(arriving, model).filter(
        ({ packet, world }) =>
          packet.dnat &&
          walk(ruleset, 'filter', 'FORWARD', packet, world).certain?.kind === 'accept',
      )
      const against = conflicts(ruleset, flows, [guardRule(intent, on)])[(position ?? 1) - 1]?.[0]
      const service = `${destination}:${port}`
      if (against) return { service, before: against.rule !== undefined }
    }
  }
  return undefined
}

/** A service that an outsider reaches, by a rule before ours or because ours spares what nat translates. */
interface Open {
  readonly service: string
  readonly before: boolean
}
