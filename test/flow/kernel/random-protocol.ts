import type { Random } from '../../random.ts'
import { ports } from './landscape.ts'

/** Words of a condition on the protocol, with ports, flags or types of it. */
export function protocolMatch(random: Random): readonly string[] {
  const protocol = random.pick([
    'tcp',
    'tcp',
    'udp',
    'icmp',
    'sctp',
    'udplite',
    'esp',
    '50',
    '!tcp',
    '!udp',
    '!icmp',
    'all',
  ])
  if (protocol.startsWith('!')) return ['!', '-p', protocol.slice(1)]
  const start = ['-p', protocol]
  if (random.chance(0.2) || !/^(tcp|udp|icmp|sctp|udplite)$/.test(protocol)) return start
  if (protocol === 'icmp')
    return [
      ...start,
      '-m',
      'icmp',
      ...not(random),
      '--icmp-type',
      random.pick(['any', '8', '0', '3/1', '3', '11/0', 'echo-request', 'port-unreachable']),
    ]
  // Ports of UDP-Lite only so: the kernel has a match for them, but iptables 1.8.9 has none.
  if (protocol === 'udplite' || random.chance(0.4))
    return [
      ...start,
      '-m',
      'multiport',
      ...not(random),
      random.pick(['--sports', '--dports', '--ports']),
      portList(random),
    ]
  const flags = protocol === 'tcp' && random.chance(0.5)
  if (flags && random.chance(0.3)) return [...start, '-m', 'tcp', ...not(random), '--syn']
  if (flags)
    return [
      ...start,
      '-m',
      'tcp',
      ...not(random),
      '--tcp-flags',
      flagMask(random),
      someFlags(random),
    ]
  const both = [...not(random), random.pick(['--sport', '--dport']), portRange(random)]
  return [...start, '-m', protocol, ...both]
}

/** Never NONE: iptables-save leaves `--tcp-flags NONE ACK` out, though the kernel keeps to it and matches nothing. */
function flagMask(random: Random): string {
  return random.chance(0.15) ? 'ALL' : random.some(tcpFlags, 4).join()
}

function someFlags(random: Random): string {
  if (random.chance(0.15)) return random.pick(['ALL', 'NONE'])
  return random.some(tcpFlags, 4).join()
}

function portRange(random: Random): string {
  const [low, high] = [random.pick(ports), random.pick(ports)].toSorted((a, b) => a - b)
  return random.pick([`${low}`, `${low}`, `${low}:${high}`, `:${high}`, `${low}:`])
}

function portList(random: Random): string {
  const [low, high] = [random.pick(ports), random.pick(ports)].toSorted((a, b) => a - b)
  const list = random.some(ports, 4).join()
  return low === high ? list : random.pick([list, `${list},${low}:${high}`])
}

const tcpFlags = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG'] as const

/** An exclamation mark, sometimes. */
export function not(random: Random): readonly string[] {
  return random.chance(0.25) ? ['!'] : []
}
