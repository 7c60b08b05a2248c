/** What a check is called: `title` where it passes, `trouble` where it warns or fails. */
interface CheckNames {
  readonly title: string
  readonly trouble: string
}

/** Every check by its id, in the order in which they are asked. An id never changes: inventories and programs use it. */
export const checkList = {
  connection: { title: 'reachable', trouble: 'cannot be reached' },
  'host-key': { title: 'host key known', trouble: 'host key not trusted' },
  login: { title: 'login works', trouble: 'login fails' },
  root: { title: 'becomes root', trouble: 'cannot become root' },
  facts: { title: 'facts are read', trouble: 'facts cannot be read' },
  'one-machine': {
    title: 'is not the same machine as another host',
    trouble: 'is the same machine as another host',
  },
  'firewall-tools': { title: 'firewall tools are installed', trouble: 'firewall tools missing' },
  'legacy-backend': {
    title: 'iptables backend is legacy',
    trouble: 'iptables backend is not legacy',
  },
  'readable-rules': {
    title: 'firewall can be read',
    trouble: 'firewall cannot be read',
  },
  'readable-network': {
    title: 'network settings can be read',
    trouble: 'network settings cannot be read',
  },
  'other-run': { title: 'no other run holds the host', trouble: 'another run holds the host' },
  'firewall-manager': {
    title: 'no other firewall manager',
    trouble: 'another firewall manager is active',
  },
  'run-directory': {
    title: '/run is writable, and only root can enter /run/fw-run',
    trouble: '/run is read-only, or /run/fw-run is not a directory that only root can enter',
  },
  'run-space': { title: 'enough space in /run', trouble: 'not enough space in /run' },
  'kernel-support': {
    title: 'kernel supports the rule',
    trouble: 'kernel does not support the rule',
  },
  'one-backend': {
    title: 'only one iptables backend decides on packets',
    trouble: 'the nf_tables backend also decides on packets',
  },
  interface: {
    title: 'interface is up, with the right address',
    trouble: 'interface does not match the inventory',
  },
  calico: {
    title: 'Calico is ready for the rule of fw-run',
    trouble: 'Calico is not ready for the rule of fw-run',
  },
  'pod-networks': { title: 'pod networks known', trouble: 'pod networks not known' },
  'known-nodes': {
    title: 'the guard stops no known node of the cluster',
    trouble: 'the guard would stop a node of the cluster',
  },
  'source-addresses': {
    title: 'other hosts allow all addresses of this host',
    trouble: 'other hosts do not allow all addresses of this host',
  },
  'visible-services': {
    title: 'fw-run sees the published ports, or fw_published is set',
    trouble: 'fw-run cannot see the published ports',
  },
  'published-ports': {
    title: 'published ports stay reachable',
    trouble: 'published ports become unreachable',
  },
  'outbound-access': {
    title: 'outsiders keep outbound access',
    trouble: 'outsiders lose outbound access',
  },
  'stopped-pods': {
    title: 'pods get new connections',
    trouble: 'pods get no new connections',
  },
  'cluster-ips': {
    title: 'ClusterIPs are closed to outsiders',
    trouble: 'ClusterIPs are open to outsiders',
  },
  'ipv6-pods': {
    title: 'no pods with IPv6 addresses',
    trouble: 'pods are open to outsiders by IPv6',
  },
  'unguarded-interfaces': {
    title: 'no other interface leads to pods',
    trouble: 'another interface leads to pods',
  },
  'other-guards': {
    title: 'no similar rule with another set',
    trouble: 'a similar rule with another set is active',
  },
  'set-name': { title: 'set name can be used', trouble: 'set name is taken' },
  position: {
    title: 'the rule of fw-run has a good position',
    trouble: 'the rule of fw-run has no good position',
  },
  'nft-support': {
    title: 'the host fully supports the table of fw-run',
    trouble: 'the host does not fully support the table of fw-run',
  },
  'mangle-support': {
    title: 'the host supports the chain of fw-run',
    trouble: 'the host does not support the chain of fw-run',
  },
  ebpf: { title: 'no eBPF data plane', trouble: 'an eBPF data plane bypasses the guard' },
  'virtual-switch': {
    title: 'no virtual switch bypasses the guard',
    trouble: 'a virtual switch may bypass the guard',
  },
  'arrival-interface': {
    title: 'the guard is on the right interfaces',
    trouble: 'the guard is not on the right interfaces',
  },
  'closed-networks': {
    title: 'the guard closes the right networks',
    trouble: 'the guard does not close the right networks',
  },
  'open-networks': {
    title: 'the guard closes all known pod networks',
    trouble: 'the guard may leave pod networks open',
  },
  'pod-sources': {
    title: 'the guard allows no pod addresses as sources',
    trouble: 'the guard allows pod addresses as sources',
  },
  'stopped-sources': {
    title: 'the guard stops no known pods of other hosts',
    trouble: 'the guard may stop pods of other hosts',
  },
  'source-routes': {
    title: 'no packet goes past the guard by a source route',
    trouble: 'packets with a source route go past the guard',
  },
  'flow-table': {
    title: 'no connection can skip the guard',
    trouble: 'connections in a flow table skip the guard',
  },
  'service-networks': {
    title: 'the guard closes the right service addresses',
    trouble: 'the guard does not close the right service addresses',
  },
  'saved-rules': {
    title: 'no other service restores saved rules at boot',
    trouble: 'another service restores saved rules at boot',
  },
  'table-flush': {
    title: 'no service deletes the table of fw-run',
    trouble: 'a service of the host can delete the table of fw-run',
  },
  'leaving-members': {
    title: 'the guard keeps all addresses that it allows',
    trouble: 'the guard would lose addresses that it allows',
  },
  'unfinished-change': {
    title: 'no unfinished change',
    trouble: 'an unfinished change is on the host',
  },
  'own-rules': {
    title: 'fw-run can delete its rules',
    trouble: 'fw-run cannot delete one of its rules',
  },
  'own-table': {
    title: 'fw-run can change its table',
    trouble: 'fw-run cannot change the table inet fw_run',
  },
  'own-chain': {
    title: 'fw-run can change its chain',
    trouble: 'fw-run cannot change the chain FW-RUN',
  },
  'boot-files': {
    title: 'no problem with the boot files',
    trouble: 'a problem with the boot files',
  },
} as const satisfies Readonly<Record<string, CheckNames>>

/** The stable name of a check: `cluster-ips`. */
export type CheckId = keyof typeof checkList
