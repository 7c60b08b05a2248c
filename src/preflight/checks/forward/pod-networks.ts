import { ofFamily, onlyIpv4 } from '../../../ip/dual.ts'
import { type ForwardCheck, fail, pass } from '../../check.ts'
import { nodesIn, ownNodes, setWithout } from '../../evidence/nodes-in-networks.ts'

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
    const own = ownNodes(subject)
    const nodes = { ...own, addresses: onlyIpv4(own.addresses) }
    const found = nodesIn(podCidrs, nodes)
    if (!found) return pass
    const [{ cidr, device = '' } = { cidr: undefined }] = found.subnets
    return fail(
      cidr
        ? `the network of ${device} (${cidr}) is in a pod network (${podCidrs.join(', ')}). So rules that accept packets from pods also accept packets from all machines of ${cidr}`
        : `addresses of this host are in a pod network (${podCidrs.join(', ')}): ${found.addresses.join(', ')}`,
      // Other hosts may close its IPv6 networks.
      setWithout('fw_pod_cidrs', [...podCidrs, ...ofFamily(given, 6)], nodes) ??
        'Correct fw_pod_cidrs: it must not contain addresses of nodes or networks of nodes.',
    )
  },
}
