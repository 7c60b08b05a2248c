import type { Sections } from '../../agent/sections.ts'
import { textOf } from '../reading.ts'
import { readIpv6Network } from './ipv6-network.ts'

/**
 * Names a machine: this boot of its kernel, and the first address and the first MAC of its network, because containers may
 * share a kernel. Hosts that say the same are one machine. Undefined where the boot is not known, or neither of the others.
 */
export function readMachine(sections: Sections): string | undefined {
  const boot = textOf(sections, 'machine').trim()
  const network = textOf(sections, 'network')
  const [, ipv4] = /^\d+:\s+(?!lo\s)\S+\s+inet (\S+)/m.exec(network) ?? []
  const address = ipv4 ?? firstIpv6(sections)
  const [, mac] = /^\d+: [^\\\n]*\\ +link\/ether (\S+)/m.exec(network) ?? []
  if (!boot || (!address && !mac)) return undefined
  return [boot, address ?? '-', mac ?? '-'].join(' ')
}

function firstIpv6(sections: Sections): string | undefined {
  return readIpv6Network(sections).addresses.find(({ device }) => device !== 'lo')?.address
}
