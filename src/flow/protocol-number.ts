/** The number of a protocol, from its name in /etc/protocols or from its number; undefined for an unknown name. */
export function protocolNumber(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : numbers.get(text.toLowerCase())
}

const numbers: ReadonlyMap<string, number> = new Map(
  Object.entries<number>({
    all: 0,
    ip: 0,
    icmp: 1,
    igmp: 2,
    ipencap: 4,
    ipip: 4,
    tcp: 6,
    egp: 8,
    udp: 17,
    dccp: 33,
    ipv6: 41,
    'ipv6-route': 43,
    'ipv6-frag': 44,
    rsvp: 46,
    gre: 47,
    esp: 50,
    ah: 51,
    'ipv6-icmp': 58,
    icmpv6: 58,
    ospf: 89,
    ospfigp: 89,
    pim: 103,
    ipcomp: 108,
    vrrp: 112,
    l2tp: 115,
    sctp: 132,
    udplite: 136,
  }),
)
