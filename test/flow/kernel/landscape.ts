/*
 * The small world that random rules and random packets share, so that they meet often enough: a router with five
 * interfaces, one of them a bridge, the networks behind them, and what it does to packets before they come to the chain under test.
 */

/** The interfaces of the router, each with its hardware address, its network and the hardware address of who is behind it. */
export const interfaces = [
  { name: 'in0', mac: '02:00:00:00:01:00', network: '10.1', peer: '02:00:00:00:ff:00' },
  { name: 'in1', mac: '02:00:00:00:01:01', network: '10.2', peer: '02:00:00:00:ff:01' },
  { name: 'out0', mac: '02:00:00:00:01:02', network: '10.3', peer: '02:00:00:00:ff:02' },
  { name: 'out1', mac: '02:00:00:00:01:03', network: '10.4', peer: '02:00:00:00:ff:03' },
  { name: 'br0', mac: '02:00:00:00:01:05', network: '10.5', peer: undefined },
] as const

/** The bridge's ports with the hardware address of who is behind each: `10.5.7` behind the first, `10.5.9` the second. */
export const bridgePorts = [
  { name: 'port0', mac: '02:00:00:00:05:10', peer: '02:00:00:00:ee:00' },
  { name: 'port1', mac: '02:00:00:00:05:11', peer: '02:00:00:00:ee:01' },
] as const

/** What addrtype asks for: every interface has a /24. */
export const localAddresses = interfaces.map(({ network }) => `${network}.0.1`)
export const broadcastAddresses = interfaces.map(({ network }) => `${network}.0.255`)

/** Who sends first. Sources in `.8` are translated on their way out, one to one. */
export const clients = [
  '10.1.7.1',
  '10.1.7.2',
  '10.1.8.1',
  '10.1.8.2',
  '10.2.7.1',
  '10.2.7.130',
  '10.2.8.1',
  '10.5.7.1',
] as const

/** Where it goes. Those in `10.43` are translated: see `translated`. */
export const servers = [
  '10.3.9.1',
  '10.3.9.2',
  '10.3.9.77',
  '10.4.9.1',
  '10.4.9.2',
  '10.5.9.1',
  '10.43.0.1',
  '10.43.0.2',
  '10.43.1.3',
] as const

/** Where DNAT sends a packet for an address, and for TCP and UDP for a port; the same if it does nothing. */
export function translated(address: string, port: number): { address: string; port: number } {
  const to = dnat[address]
  return to ? { address: to, port: port === 443 ? 8443 : port } : { address, port }
}

/** What the world outside sees as the source of a packet. */
export function masqueraded(address: string): string {
  return address.replace(/^10\.(\d)\.8\./, '10.99.$1.')
}

/** The interface behind which an address lies. */
export function interfaceOf(address: string): (typeof interfaces)[number] {
  const found = interfaces.find(({ network }) => address.startsWith(`${network}.`))
  if (!found) throw new Error(`no interface for ${address}`)
  return found
}

/** Ports that rules ask for and packets have. */
export const ports = [22, 53, 80, 443, 8080, 8443, 30001, 30002] as const

/** The bits that marks are made of. */
export const markBits = [0x1, 0x2, 0x4, 0x80, 0x4000, 0x10000, 0x20000, 0x80000000] as const

/** The mark and the connection mark that a packet has by three and by two bits of its TOS. */
export const marks = [0, 0x1, 0x4000, 0x10000, 0x14002, 0x20004, 0xffffffff, 0x80000080] as const
export const connmarks = [0, 0x1, 0x4002, 0xffff0000] as const

/** The TOS that makes a packet come with these marks (by their index), untracked or not. */
export function tosOf(mark: number, connmark: number, untracked: boolean): number {
  return (untracked ? 0x80 : 0) | (mark << 4) | (connmark << 2)
}

const dnat: Readonly<Record<string, string>> = {
  '10.43.0.1': '10.3.9.1',
  '10.43.0.2': '10.4.9.2',
  '10.43.1.3': '10.3.9.200',
}

/** The rules of nat that make it so. */
export const translations: readonly string[] = [
  ...Object.entries(dnat).flatMap(([from, to]) => [
    ...['tcp', 'udp'].map(
      (p) => `-A PREROUTING -d ${from} -p ${p} --dport 443 -j DNAT --to-destination ${to}:8443`,
    ),
    `-A PREROUTING -d ${from} -j DNAT --to-destination ${to}`,
  ]),
  ...['1', '2'].flatMap((net) =>
    ['1', '2'].map(
      (host) => `-A POSTROUTING -s 10.${net}.8.${host} -j SNAT --to-source 10.99.${net}.${host}`,
    ),
  ),
]

/** What makes it all so, for iptables-restore. */
export const surroundings = [
  '*raw',
  '-A PREROUTING -m tos --tos 0x80/0x80 -j CT --notrack',
  'COMMIT',
  '*mangle',
  ...marks.map(
    (mark, i) => `-A PREROUTING -m tos --tos ${tosOf(i, 0, false)}/0x70 -j MARK --set-mark ${mark}`,
  ),
  ...connmarks.map(
    (mark, i) =>
      `-A PREROUTING -m tos --tos ${tosOf(0, i, false)}/0x0c -j CONNMARK --set-mark ${mark}`,
  ),
  'COMMIT',
  '*nat',
  ...translations,
  'COMMIT',
  '',
].join('\n')
