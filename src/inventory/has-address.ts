import { memberAddress } from './addresses.ts'
import type { InventoryHost } from './inventory.ts'

/** Whether a host is reached at this address, or has it for the set. Spellings of one address count as one. */
export function hasAddress({ address, settings }: InventoryHost, wanted: string): boolean {
  const one = canonical(wanted)
  return canonical(address) === one || settings.addresses.includes(one)
}

function canonical(address: string): string {
  return memberAddress(address) ?? address.toLowerCase()
}
