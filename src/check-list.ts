/** What a check is called: `title` where it passes, `trouble` where it warns or fails. */
interface CheckNames {
  readonly title: string
  readonly trouble: string
  /** It warns of something that can stay so for good, so that `fw_accept` may name it. */
  readonly acceptable?: true
}

/** Every check by its id, in the order in which they are asked. An id never changes: inventories and programs use it. */
export const checkList = {
  connection: { title: 'reachable', trouble: 'cannot be reached' },
  'host-key': { title: 'host key known', trouble: 'host key not trusted' },
  login: { title: 'login works', trouble: 'login fails' },
  root: { title: 'becomes root', trouble: 'cannot become root' },
  facts: { title: 'facts are read', trouble: 'facts cannot be read' },
  'one-machine': {
    title: 'is a machine of its own',
    trouble: 'is the same machine as another host',
  },
  'firewall-tools': { title: 'firewall tools are installed', trouble: 'firewall tools missing' },
  'legacy-backend': {
    title: 'iptables backend is legacy',
    trouble: 'iptables backend is not legacy',
  },
  'readable-rules': {
    title: 'rules and sets can be read',
    trouble: 'rules or sets cannot be read',
  },
  'readable-network': {
    title: 'interfaces and routes can be read',
    trouble: 'interfaces or routes cannot be read',
  },
  'other-run': { title: 'no other run holds the host', trouble: 'another run holds the host' },
  'firewall-manager': {
    title: 'no other firewall manager',
    trouble: 'another firewall manager is active',
    acceptable: true,
  },
  'run-directory': {
    title: 'only root can enter /run/fw-run',
    trouble: '/run/fw-run is not a directory that only root can enter',
  },
  'run-space': { title: 'enough space in /run', trouble: 'not enough space in /run' },
  'kernel-support': {
    title: 'kernel supports the rule',
    trouble: 'kernel does not support the rule',
  },
  'one-backend': {
    title: 'only one iptables backend decides on packets',
    trouble: 'the other iptables backend also decides on packets',
    acceptable: true,
  },
  interface: {
    title: 'interface is up, with the right address',
    trouble: 'interface does not fit the inventory',
  },
  calico: {
    title: 'Calico is at work and leaves us a position',
    trouble: 'Calico leaves us no position',
  },
  'pod-networks': { title: 'pod networks known', trouble: 'pod networks not known' },
  'known-nodes': {
    title: 'every known node is in the set',
    trouble: 'a known node is not in the set',
  },
  'source-addresses': {
    title: 'source addresses are in the set',
    trouble: 'a source address is not in the set',
  },
  'visible-services': {
    title: 'published ports can be seen',
    trouble: 'published ports cannot be seen',
    acceptable: true,
  },
  'published-ports': {
    title: 'published ports stay reachable',
    trouble: 'published ports are cut',
    acceptable: true,
  },
  'outbound-access': {
    title: 'outsiders keep outbound access',
    trouble: 'outsiders lose outbound access',
    acceptable: true,
  },
  'stopped-pods': {
    title: 'pods get new connections',
    trouble: 'pods get no new connections',
    acceptable: true,
  },
  'cluster-ips': {
    title: 'ClusterIPs are closed to outsiders',
    trouble: 'ClusterIPs are open to outsiders',
    acceptable: true,
  },
  'unguarded-interfaces': {
    title: 'no other interface leads to pods',
    trouble: 'another interface leads to pods',
    acceptable: true,
  },
  'other-guards': {
    title: 'no similar rule with another set',
    trouble: 'a similar rule with another set is in force',
    acceptable: true,
  },
  'set-name': { title: 'set name is free or ours', trouble: 'set name is taken' },
  position: { title: 'a good position exists', trouble: 'no good position exists' },
  'leaving-members': {
    title: 'no address leaves the set',
    trouble: 'addresses leave the set',
  },
  'unfinished-change': {
    title: 'no unfinished change',
    trouble: 'an unfinished change is left',
  },
  'own-rules': {
    title: 'fw-run can delete our rules',
    trouble: 'a rule of ours has characters that fw-run cannot handle',
  },
} as const satisfies Readonly<Record<string, CheckNames>>

/** The stable name of a check: `cluster-ips`. */
export type CheckId = keyof typeof checkList

/** The ids of the checks whose warnings `fw_accept` may accept. */
export const acceptableChecks: readonly string[] = Object.entries<CheckNames>(checkList).flatMap(
  ([id, { acceptable }]) => (acceptable ? [id] : []),
)
