import { lookup } from 'node:dns/promises'
import { createReadStream } from 'node:fs'
import { text } from 'node:stream/consumers'
import { maxArpBytes } from '../../limits.ts'

/** Whether a host, by its name or address, answers ARP to this machine. False also if that is not known, such as on macOS. Never rejects. */
export async function answersArp(host: string): Promise<boolean> {
  try {
    const [addresses, table] = await Promise.all([
      lookup(host, { family: 4, all: true }),
      text(createReadStream('/proc/net/arp', { end: maxArpBytes - 1 })),
    ])
    return addresses.some(({ address }) => hasAnswered(address, table))
  } catch {
    return false
  }
}

/** ATF_COM of <linux/if_arp.h>: the entry has a hardware address. The kernel takes it away when ARP fails. */
const complete = 0x2

/** Whether /proc/net/arp says that an address has answered. Each line has the address, a type and flags. */
export function hasAnswered(address: string, table: string): boolean {
  return table.split('\n').some((line) => {
    const [about, , flags] = line.split(/\s+/)
    return about === address && (Number(flags) & complete) !== 0
  })
}
