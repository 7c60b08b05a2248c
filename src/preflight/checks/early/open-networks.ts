import { calicoPools, podNetworks } from '../../../facts/pod-networks.ts'
import { closedNetworks, type EarlyIntent } from '../../../guard/intent.ts'
import { uncovered } from '../../../ip/dual-ranges.ts'
import { type Doubt, type EarlyCheck, type Subject, warnOf } from '../../check.ts'
import { forAllHosts, named } from '../../evidence/named-networks.ts'
import { guardedNetworks } from '../../evidence/nodes-in-networks.ts'
import { wrongNetworks } from './closed-networks.ts'

/**
 * Whether the guard closes all pod networks that the host knows. It is a check of its own, because it tells of what outsiders
 * can reach: who accepts a warning about a network that is closed must still hear that.
 */
export const openNetworks: EarlyCheck = {
  id: 'open-networks',
  judge(subject) {
    if (wrongNetworks(subject)) {
      return { kind: 'unjudged', reason: 'the guard does not close the right networks' }
    }
    return warnOf([openParts, idlePools].flatMap((doubt) => doubt(subject) ?? []))
  },
}

/** Pod networks that the inventory names only in part. What is left may be of nodes, or of load balancers. */
function openParts({ facts, state, intent }: Subject<EarlyIntent>): Doubt | undefined {
  const known = podNetworks(state, facts.flannelNetwork, intent.network.routes)
  const subnets = guardedNetworks(intent).map(({ cidr }) => cidr)
  const open = uncovered(known, [...closedNetworks(intent), ...subnets])
  if (open.length === 0) return undefined
  return {
    reason: `the guard does not close all addresses of pod networks that fw-run found on this host: ${named(open)}`,
    remedy:
      'If pods can get addresses from the open part, add these networks to fw_pod_cidrs. If the open part is only for others, for example load balancers, add open-networks to fw_accept.',
  }
}

/** Pools of Calico that the guard leaves open. Where the inventory names the pod networks, that is answered. */
function idlePools({ host, state, intent }: Subject<EarlyIntent>): Doubt | undefined {
  if (host.settings.podCidrs.length > 0) return undefined
  const open = uncovered(calicoPools(state), closedNetworks(intent))
  if (open.length === 0) return undefined
  const bare = intent.barePods.length > 0
  return {
    reason: `Calico has other IP pools, and fw-run does not know whether they are for pods: ${named(open)}. So the guard does not close them${
      bare
        ? '. If pods have such addresses, and come in without a tunnel, the guard stops their packets'
        : ''
    }`,
    remedy: `If pods never get addresses from these pools (for example, they are for load balancers, or disabled), set fw_pod_cidrs for that host to ${JSON.stringify(intent.podCidrs)}. If pods can get addresses from a pool, add this pool to the list. ${forAllHosts}`,
  }
}
