import type { CheckId } from './check-list.ts'

/** The checks whose warnings `fw_accept` may accept: each warns of something that can stay so for good. */
export const acceptableChecks: readonly string[] = [
  'firewall-manager',
  'one-backend',
  'known-nodes',
  'visible-services',
  'published-ports',
  'outbound-access',
  'stopped-pods',
  'cluster-ips',
  'ipv6-pods',
  'unguarded-interfaces',
  'other-guards',
  'nft-support',
  'virtual-switch',
  'arrival-interface',
  'closed-networks',
  'open-networks',
  'pod-sources',
  'stopped-sources',
  'source-routes',
  'flow-table',
  'service-networks',
  'saved-rules',
  'table-flush',
] satisfies readonly CheckId[]
