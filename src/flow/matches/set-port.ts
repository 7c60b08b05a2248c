import type { Packet } from '../packet.ts'
import { protocolNumber } from '../protocol-number.ts'
import { and, known, type Ternary } from '../ternary.ts'

/**
 * Reads the port of a member: `tcp:80`, `icmp:8/0`, `icmp:echo-request`, or `80` in a bitmap:port. The latter is for TCP and
 * UDP only (net/netfilter/ipset/ip_set_bitmap_port.c). A packet of a protocol without ports is in doubt.
 */
export function portMember(word: string): (packet: Packet, side: string | undefined) => Ternary {
  const [protocol, port] = word.includes(':') ? word.split(':', 2) : [undefined, word]
  const wanted = protocol === undefined ? undefined : protocolNumber(protocol)
  return (packet, side) => {
    const actual = packet.protocol === undefined ? undefined : protocolNumber(packet.protocol)
    if (actual === undefined || (protocol !== undefined && wanted === undefined)) return 'maybe'
    if (wanted !== undefined && wanted !== actual) return 'no'
    if (protocol === undefined && actual !== 6 && actual !== 17) return 'no'
    if (actual === 1) return isIcmp(packet, port ?? '')
    if (!withPorts.includes(actual)) return 'maybe'
    const own = side === 'src' ? packet.sourcePort : packet.destinationPort
    return own === undefined ? 'maybe' : known(own === Number(port))
  }
}

const withPorts = [6, 17, 132, 136]

function isIcmp({ icmpType, icmpCode }: Packet, name: string): Ternary {
  const [type, code] = (icmpNames.get(name) ?? name).split('/').map(Number)
  if (!Number.isInteger(type) || !Number.isInteger(code)) return 'maybe'
  return and(
    icmpType === undefined ? 'maybe' : known(icmpType === type),
    icmpCode === undefined ? 'maybe' : known(icmpCode === code),
  )
}

/** The names that ipset gives to types with codes (lib/icmp.c of ipset). */
const icmpNames: ReadonlyMap<string, string> = new Map(
  Object.entries<string>({
    'echo-reply': '0/0',
    pong: '0/0',
    'network-unreachable': '3/0',
    'host-unreachable': '3/1',
    'protocol-unreachable': '3/2',
    'port-unreachable': '3/3',
    'fragmentation-needed': '3/4',
    'source-quench': '4/0',
    'echo-request': '8/0',
    ping: '8/0',
    'router-advertisement': '9/0',
    'router-solicitation': '10/0',
    'ttl-zero-during-transit': '11/0',
    'ttl-zero-during-reassembly': '11/1',
    'timestamp-request': '13/0',
    'timestamp-reply': '14/0',
  }),
)
