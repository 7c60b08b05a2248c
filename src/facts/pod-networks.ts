import ipaddr from 'ipaddr.js'
import type { Sections } from '../agent/answer.ts'
import type { Rule } from '../iptables/rule.ts'
import { rulesOf } from '../iptables/ruleset.ts'
import { leadsToPods } from './pod-devices.ts'
import { textOf } from './reading.ts'
import type { Route } from './routes.ts'
import type { HostState } from './state.ts'

/** The network of all pods as flannel was told it, if flannel runs here (`FLANNEL_NETWORK` in its subnet.env). */
export function readFlannelNetwork(sections: Sections): string | undefined {
  return /^FLANNEL_NETWORK=(\S+)$/m.exec(textOf(sections, 'flannel'))?.[1]
}

/**
 * The pod networks that a host knows of, as CIDRs: flannel's, Calico's pools (its ipsets), and what flannel's rules in
 * FORWARD or FLANNEL-FWD accept by destination. Single addresses and the default route are no pod networks.
 */
export function podNetworks(
  state: HostState,
  flannel: string | undefined,
  routes: readonly Route[],
): readonly string[] {
  const pools = ['cali40all-ipam-pools', 'cali40network-ip-pools', 'cali40masq-ipam-pools']
  const forward = rulesOf(state.ruleset, 'filter', 'FORWARD')
  const from = forward.flatMap((rule) => accepted(rule, 'source'))
  const found = [
    ...(flannel ? [flannel] : []),
    ...pools.flatMap((pool) => state.sets.get(pool)?.members ?? []),
    ...forward
      .flatMap((rule) => accepted(rule, 'destination'))
      .filter((cidr) => isNetwork(cidr) && isOfPods(cidr, from.includes(cidr), routes)),
    ...rulesOf(state.ruleset, 'filter', 'FLANNEL-FWD').flatMap((rule) =>
      accepted(rule, 'destination'),
    ),
  ]
  return [...new Set(found)].filter(isNetwork)
}

/**
 * Whether a network that FORWARD accepts is one of pods, not of a VPN: a route in it leads to pods, or flannel accepts it
 * both ways and no other interface has it for its own.
 */
function isOfPods(cidr: string, bothWays: boolean, routes: readonly Route[]): boolean {
  const [network, length] = ipaddr.IPv4.parseCIDR(cidr)
  const within = routes.filter((route) => {
    const [address, own] = ipaddr.IPv4.parseCIDR(route.cidr)
    return route.device !== undefined && own >= length && address.match(network, length)
  })
  if (within.some(({ device = '' }) => leadsToPods(device))) return true
  return bothWays && !within.some((route) => route.cidr === cidr)
}

/** The network on one side of a packet that a rule accepts whatever else the packet is. */
function accepted(rule: Rule, side: 'source' | 'destination'): string[] {
  const [match, ...others] = rule.matches.filter(
    (m) => m.kind !== 'module' || m.module !== 'comment',
  )
  if (rule.target?.name !== 'ACCEPT' || others.length > 0) return []
  return match?.kind === side && !match.negated ? [match.cidr] : []
}

function isNetwork(cidr: string): boolean {
  if (!ipaddr.IPv4.isValidCIDR(cidr)) return false
  const length = Number(cidr.split('/')[1])
  return length > 0 && length < 32
}
