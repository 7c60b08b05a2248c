import ipaddr from 'ipaddr.js'
import { sourcesTowards } from '../../facts/routes.ts'
import type { ProtectIntent } from '../../guard/intent.ts'
import { type CheckResult, fail, type ProtectionCheck, pass, type Subject } from '../check.ts'

/** Whether every node that Calico or the routes know would be let through. */
export const knownNodes: ProtectionCheck = {
  title: 'every known node is in the set',
  judge(subject) {
    return judgeMissing(subject, [...calicoNodes(subject), ...routedNodes(subject)], (missing) => [
      `Calico or the routes know ${missing}, which would be turned away`,
      'Add that node to the inventory, or its address to fw_extra_members.',
    ])
  },
}

/** Whether every address that this host speaks to the others from would be let through there. */
export const spokenAddresses: ProtectionCheck = {
  title: 'every address spoken from is in the set',
  judge(subject) {
    const { facts, peers } = subject
    const spoken = sourcesTowards(peers, facts.routes, facts.interfaces)
    return judgeMissing(subject, spoken, (missing) => [
      `this host speaks to the others from ${missing}, which they would turn away`,
      `Add it to fw_addresses of ${subject.host.name}.`,
    ])
  },
}

function judgeMissing(
  { intent }: Subject<ProtectIntent>,
  addresses: readonly string[],
  words: (missing: string) => [reason: string, remedy: string],
): CheckResult {
  const missing = [...new Set(addresses)].filter((address) => !intent.members.includes(address))
  return missing.length === 0 ? pass : fail(...words(missing.join(', ')))
}

/** The ipsets in which Felix keeps the addresses of nodes, absent in canal (felix/rules/static.go, felix/ipsets). */
function calicoNodes({ state }: Subject): readonly string[] {
  return ['cali40all-hosts-net', 'cali40all-vxlan-net']
    .flatMap((name) => state.sets.get(name)?.members ?? [])
    .map((member) => member.replace(/\/32$/, ''))
    .filter((member) => ipaddr.IPv4.isValid(member))
}

/** Gateways on a guarded interface that lead to pods: with bare routing those are nodes. */
function routedNodes({ facts, intent }: Subject<ProtectIntent>): readonly string[] {
  const pods = intent.podCidrs.map((cidr) => ipaddr.IPv4.parseCIDR(cidr))
  return facts.routes.flatMap(({ cidr, via, device }) => {
    const [network, length] = ipaddr.IPv4.parseCIDR(cidr)
    const leadsToPods = pods.some(
      ([pod, podLength]) => length >= podLength && network.match(pod, podLength),
    )
    return via && leadsToPods && intent.interfaces.includes(device ?? '') ? [via] : []
  })
}
