import ipaddr from 'ipaddr.js'
import type { Sections } from '../agent/answer.ts'
import type { Rule } from '../iptables/rule.ts'
import { rulesOf } from '../iptables/ruleset.ts'
import { textOf } from './reading.ts'
import type { HostState } from './state.ts'

/** The network of all pods as flannel was told it, if flannel runs here (`FLANNEL_NETWORK` in its subnet.env). */
export function readFlannelNetwork(sections: Sections): string | undefined {
  return /^FLANNEL_NETWORK=(\S+)$/m.exec(textOf(sections, 'flannel'))?.[1]
}

/**
 * The pod networks that a host knows of, as CIDRs: flannel's, Calico's pools (its ipsets), and what flannel's rules in
 * FORWARD or FLANNEL-FWD accept by destination. Single addresses and the default route are no pod networks.
 */
export function podNetworks(state: HostState, flannel: string | undefined): readonly string[] {
  const pools = ['cali40all-ipam-pools', 'cali40network-ip-pools', 'cali40masq-ipam-pools']
  const found = [
    ...(flannel ? [flannel] : []),
    ...pools.flatMap((pool) => state.sets.get(pool)?.members ?? []),
    ...['FORWARD', 'FLANNEL-FWD'].flatMap((chain) =>
      rulesOf(state.ruleset, 'filter', chain).flatMap(acceptedDestination),
    ),
  ]
  return [...new Set(found)].filter(isNetwork)
}

/** The destination network that a rule accepts whatever else the packet is. */
function acceptedDestination(rule: Rule): string[] {
  const [match, ...others] = rule.matches.filter(
    (m) => m.kind !== 'module' || m.module !== 'comment',
  )
  if (rule.target?.name !== 'ACCEPT' || others.length > 0) return []
  return match?.kind === 'destination' && !match.negated ? [match.cidr] : []
}

function isNetwork(cidr: string): boolean {
  if (!ipaddr.IPv4.isValidCIDR(cidr)) return false
  const length = Number(cidr.split('/')[1])
  return length > 0 && length < 32
}
