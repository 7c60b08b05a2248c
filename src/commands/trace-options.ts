import { Option } from 'commander'
import type { Arrival } from '../flow/arrival.ts'
import { address, interfaceName, port } from './option-values.ts'

/** What the flags of `fw-run trace` say. */
export interface TraceValues {
  readonly in?: string
  readonly out?: string
  readonly from?: string
  readonly to?: string
  readonly proto?: Arrival['protocol']
  readonly sport?: number
  readonly dport?: number
  readonly state?: Arrival['state']
}

/** The flags of `fw-run trace` that describe the packet. */
export function traceOptions(): readonly Option[] {
  return [
    new Option('--in <interface>', 'where the packet comes in (needed)').argParser(interfaceName),
    new Option('--out <interface>', 'where it leaves, if not where the routes say').argParser(
      interfaceName,
    ),
    new Option('--from <ip>', 'source address (needed)').argParser(address),
    new Option('--to <ip>', 'destination address, before any translation (needed)').argParser(
      address,
    ),
    new Option('--proto <name>', 'protocol').choices(['tcp', 'udp', 'icmp']),
    new Option('--dport <n>', 'destination port, of tcp or udp').argParser(port),
    new Option('--sport <n>', 'source port, of tcp or udp').argParser(port),
    new Option('--state <state>', 'what conntrack says of it')
      .choices(['NEW', 'ESTABLISHED', 'RELATED', 'INVALID'])
      .default('NEW'),
  ]
}

/** The packet that the flags describe, or what is wrong with them. */
export function arrivalFrom(values: TraceValues): Arrival | { readonly fault: string } {
  const { in: into, out, from, to, proto, sport, dport, state = 'NEW' } = values
  if (into === undefined || from === undefined || to === undefined) {
    return { fault: 'trace needs --in INTERFACE, --from IP and --to IP' }
  }
  if ((sport ?? dport) !== undefined && proto !== 'tcp' && proto !== 'udp') {
    return { fault: '--sport and --dport need --proto tcp or udp' }
  }
  return {
    ...{ in: into, out, source: from, destination: to, protocol: proto },
    ...{ sourcePort: sport, destinationPort: dport, state },
  }
}
