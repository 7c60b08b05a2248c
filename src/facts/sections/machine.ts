import type { Sections } from '../../agent/sections.ts'
import { textOf } from '../reading.ts'

/**
 * Names a machine: this boot of its kernel, and the first address and the first MAC of its network, because containers may
 * share a kernel. Hosts that say the same are one machine. Undefined where one of them is missing.
 */
export function readMachine(sections: Sections): string | undefined {
  const boot = textOf(sections, 'machine').trim()
  const network = textOf(sections, 'network')
  const [, address] = /^\d+:\s+(?!lo\s)\S+\s+inet (\S+)/m.exec(network) ?? []
  const [, mac] = /link\/ether (\S+)/.exec(network) ?? []
  return boot && address && mac ? `${boot} ${address} ${mac}` : undefined
}
