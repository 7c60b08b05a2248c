import { Option } from 'commander'
import type { Arrival } from '../../flow/arrival.ts'
import type { OptionValues } from '../settings.ts'
import { address, interfaceName, port } from './option-values.ts'

/** The packet that `fw-run trace` follows. */
export const traceOptions: readonly Option[] = [
  new Option('--in <interface>', 'interface that receives the packet (required)').argParser(
    interfaceName,
  ),
  new Option(
    '--out <interface>',
    'interface that sends the packet out (default: as the routes say)',
  ).argParser(interfaceName),
  new Option('--from <ip>', 'source address, IPv4 (required)').argParser(address),
  new Option(
    '--to <ip>',
    'destination address (required): before DNAT, such as a ClusterIP; with --state ESTABLISHED or RELATED, the address after DNAT, such as a pod',
  ).argParser(address),
  new Option('--proto <name>', 'protocol').choices(['tcp', 'udp', 'icmp']),
  new Option('--dport <n>', 'destination port, of tcp or udp').argParser(port),
  new Option('--sport <n>', 'source port, of tcp or udp').argParser(port),
  new Option('--state <state>', 'state of the packet in conntrack')
    .choices(['NEW', 'ESTABLISHED', 'RELATED', 'INVALID'])
    .default('NEW'),
]

/** The packet that the options describe, or what is wrong with them. */
export function arrivalFrom(values: OptionValues): Arrival | { readonly fault: string } {
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
