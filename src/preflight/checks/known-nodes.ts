import type { ProtectIntent } from '../../guard/intent.ts'
import { parseAddress } from '../../ip/address.ts'
import { contains, parseNetwork } from '../../ip/ranges.ts'
import { fail, type ProtectionCheck, pass, type Subject } from '../check.ts'

/** Whether every node that Calico or the routes name is a member of the set. */
export const knownNodes: ProtectionCheck = {
  id: 'known-nodes',
  judge(subject) {
    const members = new Set(subject.intent.members)
    const nodes = new Set([...calicoNodes(subject), ...routedNodes(subject)])
    const missing = [...nodes].filter((node) => !members.has(node))
    if (missing.length === 0) return pass
    return fail(
      `Calico or the routes name nodes that the set lacks: ${missing.join(', ')}. Our rule would stop them`,
      'Add that node to the inventory, or its address to fw_extra_members. If the node is gone for good, `kubectl delete node` makes Calico forget it.',
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

/** Gateways on a guarded interface that lead to pods: with bare routing those are nodes. */
function routedNodes({ intent }: Subject<ProtectIntent>): readonly string[] {
  const pods = intent.podCidrs.flatMap((cidr) => parseNetwork(cidr) ?? [])
  return intent.network.routes.flatMap(({ cidr, via, device }) => {
    const network = parseNetwork(cidr)
    const leadsToPods = network && pods.some((pod) => contains(pod, network))
    return via && leadsToPods && intent.interfaces.includes(device ?? '') ? [via] : []
  })
}
