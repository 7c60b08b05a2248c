import type { Ruleset } from '../iptables/ruleset.ts'
import { clusterIps, publishedPorts } from './host/published-ports.ts'

/** The ClusterIPs that rules of kube-proxy name, each once. */
export function clusterIpsOf(ruleset: Ruleset): readonly string[] {
  return [...new Set(clusterIps(ruleset).flatMap(({ address }) => address ?? []))]
}

/** The other addresses by which nat leads outsiders to pods, each once: of load balancers, and external ones. */
export function externalAddresses(ruleset: Ruleset): readonly string[] {
  const internal = new Set(clusterIpsOf(ruleset))
  const named = publishedPorts(ruleset).flatMap(({ address }) => address ?? [])
  return [...new Set(named)].filter((address) => !internal.has(address))
}
