import { formatDual, parseDual } from '../ip/dual.ts'

/** What kube-proxy in nftables mode tells of services. */
export interface KubeProxyServices {
  readonly clusterIps: readonly string[]
  /** The networks of services, where kube-proxy knows them. */
  readonly networks: readonly string[]
}

/**
 * Reads what nft prints of the set `cluster-ips` and the chain `cluster-ips-check`, of one family or both. The chain drops
 * what asks for an address of the service networks that no service has (kubernetes, pkg/proxy/nftables/proxier.go).
 */
export function parseKubeProxyServices(printed: string): KubeProxyServices {
  return {
    clusterIps: [...printed.matchAll(/\belements = \{([^{}]*)\}/g)].flatMap(([, list]) =>
      dualsIn(list),
    ),
    networks: [...printed.matchAll(/\bdaddr (\{[^{}]*\}|\S+) drop\b/g)].flatMap(([, list]) =>
      dualsIn(list),
    ),
  }
}

/** The addresses and networks of a list, each the first word of its element. */
function dualsIn(list = ''): readonly string[] {
  return list
    .replace(/[{}]/g, '')
    .split(',')
    .flatMap((element) => parseDual(element.trim().split(/\s/, 1)[0] ?? '') ?? [])
    .map(formatDual)
}
