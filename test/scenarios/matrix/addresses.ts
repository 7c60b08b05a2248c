/** The addresses of a small cluster in one family: two nodes with a pod each, services, load balancers and an outsider. */
export interface Addresses {
  readonly family: 4 | 6
  readonly pods: string
  readonly services: string
  readonly node: string
  readonly pod: readonly [string, string]
  readonly outsider: string
  /** ClusterIPs: of pod 1, of pod 2, and of the outsider as an endpoint. */
  readonly clusterIp: readonly [string, string, string]
  /** Addresses of load balancers: one with policy Local for pod 1, one with policy Cluster for pod 2. */
  readonly vip: readonly [string, string]
}

export const four: Addresses = {
  family: 4,
  pods: '10.42.0.0/16',
  services: '10.43.0.0/16',
  node: '192.168.64.11',
  pod: ['10.42.1.10', '10.42.2.10'],
  outsider: '192.168.67.200',
  clusterIp: ['10.43.0.80', '10.43.0.81', '10.43.0.90'],
  vip: ['192.168.70.100', '192.168.70.101'],
}

export const six: Addresses = {
  family: 6,
  pods: 'fd42::/56',
  services: 'fd43::/112',
  node: 'fd00:64::11',
  pod: ['fd42:0:0:1::10', 'fd42:0:0:2::10'],
  outsider: 'fd00:64::200',
  clusterIp: ['fd43::80', 'fd43::81', 'fd43::90'],
  vip: ['fd00:64::f100', 'fd00:64::f101'],
}

/** The container of docker on node 1. It has no address of IPv6. */
export const container = '172.17.0.2'
