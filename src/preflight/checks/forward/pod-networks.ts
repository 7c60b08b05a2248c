import { calicoPools, shownPodNetworks } from '../../../facts/pod-networks.ts'
import type { ForwardIntent } from '../../../guard/intent.ts'
import { ofFamily, onlyIpv4 } from '../../../ip/dual.ts'
import { isCoveredBy } from '../../../ip/dual-ranges.ts'
import { type CheckResult, type ForwardCheck, fail, pass, type Subject } from '../../check.ts'
import {
  correctOthers,
  type Nodes,
  nodesIn,
  ownNodes,
  setWithout,
} from '../../evidence/nodes-in-networks.ts'

/**
 * Whether the addresses of pods are known, and tell pods apart from nodes: placement depends on them. Rules that accept a pod
 * network as source open pods to all machines in it.
 */
export const podNetworks: ForwardCheck = {
  id: 'pod-networks',
  judge(subject) {
    const { podCidrs } = subject.intent
    const given = subject.host.settings.podCidrs
    if (podCidrs.length === 0) {
      return fail(
        'fw-run found no pod network in the settings of flannel, the ipsets of Calico or the rules of FORWARD',
        "Set fw_pod_cidrs in the inventory, for example ['10.42.0.0/16']. `kubectl cluster-info dump | grep -m1 cluster-cidr` shows it on most clusters.",
      )
    }
    const here = ownNodes(subject)
    const nodes = { ...here, addresses: onlyIpv4(here.addresses) }
    const inAny = nodesIn(podCidrs, nodes)
    if (!inAny) return pass
    const own = ofThisHost(subject)
    const found = nodesIn(own, nodes)
    if (!found) return namedByOthers(inAny)
    const [{ cidr, device = '' } = { cidr: undefined }] = found.subnets
    return fail(
      cidr
        ? `the network of ${device} (${cidr}) is in a pod network (${own.join(', ')}). ${opened(cidr)}`
        : `addresses of this host are in a pod network (${own.join(', ')}): ${found.addresses.join(', ')}`,
      // Other hosts may close its IPv6 networks.
      setWithout('fw_pod_cidrs', [...own, ...ofFamily(given, 6)], nodes) ??
        'Correct fw_pod_cidrs: it must not contain addresses of nodes or networks of nodes.',
    )
  },
}

/** The pod networks that this host has in its fw_pod_cidrs, or that it knows itself. Only other hosts name the rest. */
function ofThisHost({ host, facts, state, intent }: Subject<ForwardIntent>): readonly string[] {
  const given = onlyIpv4(host.settings.podCidrs)
  const known =
    given.length > 0
      ? given
      : [
          ...shownPodNetworks(state, facts.flannelNetwork, intent.network.routes),
          ...calicoPools(state),
        ]
  return intent.podCidrs.filter((cidr) => isCoveredBy(cidr, known))
}

function namedByOthers({ addresses, subnets: [subnet] }: Nodes): CheckResult {
  return fail(
    subnet
      ? `fw_pod_cidrs of other hosts contains the network of ${subnet.device} (${subnet.cidr}). ${opened(subnet.cidr)}`
      : `fw_pod_cidrs of other hosts contains addresses of this host: ${addresses.join(', ')}`,
    correctOthers,
  )
}

function opened(cidr: string): string {
  return `So rules that accept packets from pods also accept packets from all machines of ${cidr}`
}
