import type { ProtectIntent } from '../../guard/intent.ts'
import { parseAddress } from '../../ip/address.ts'
import { contains, parseNetwork } from '../../ip/ranges.ts'
import { fail, type ProtectionCheck, pass, type Subject } from '../check.ts'

/** Whether every node that Calico, the routes or a tunnel name is a member of the set. */
export const knownNodes: ProtectionCheck = {
  id: 'known-nodes',
  judge(subject) {
    const members = new Set(subject.intent.members)
    const nodes = new Set([...calicoNodes(subject), ...routedNodes(subject)])
    const missing = [...nodes].filter((node) => !members.has(node))
    if (missing.length === 0) return pass
    return fail(
      `Calico, a route or the VXLAN tunnel uses nodes whose addresses are not in the inventory: ${missing.join(', ')}. Our guard would stop their packets`,
      'Add that node to the inventory, or its address to fw_extra_members. If the node no longer exists, run `kubectl delete node NODE`. Then Calico and flannel forget it.',
    )
  },
}

/**
 * The ipsets in which Felix keeps the addresses of nodes, absent in canal (felix/rules/static.go, felix/ipsets). Their names are
 * enough: a set that is left can only ask for a node too many, it never hides one.
 */
function calicoNodes({ state }: Subject): readonly string[] {
  return ['cali40all-hosts-net', 'cali40all-vxlan-net']
    .flatMap((name) => state.sets.get(name)?.members ?? [])
    .map((member) => member.replace(/\/32$/, ''))
    .filter((member) => parseAddress(member) !== undefined)
}

/**
 * Nodes behind the gateways of pod networks: with bare routing the gateway on a guarded interface is the node, in a tunnel its far
 * end. What no route of a pod network uses may be left over.
 */
function routedNodes({ facts, intent }: Subject<ProtectIntent>): readonly string[] {
  const pods = intent.podCidrs.flatMap((cidr) => parseNetwork(cidr) ?? [])
  const farEnds = new Map(
    facts.tunnelPeers.map((peer) => [`${peer.device} ${peer.gateway}`, peer.node]),
  )
  return intent.network.routes.flatMap(({ kind, cidr, via, device = '' }) => {
    const network = parseNetwork(cidr)
    const leadsToPods = network && pods.some((pod) => contains(pod, network))
    if (!via || !leadsToPods || kind !== 'unicast') return []
    return intent.interfaces.includes(device) ? [via] : (farEnds.get(`${device} ${via}`) ?? [])
  })
}
