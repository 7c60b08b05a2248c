import type { DualNetwork } from './dual.ts'

/** Why the first address of a network is not one of a single host; undefined if it may be one. */
export function dualPurpose({ family, first }: DualNetwork): string | undefined {
  return family === 4 ? specialPurpose(Number(first)) : specialPurposeOfIpv6(first)
}

/** Why an address is not one of a single host; undefined if it may be one. */
export function specialPurpose(
  address: number,
): 'unspecified' | 'loopback' | 'multicast' | 'broadcast' | undefined {
  const first = Math.floor(address / 2 ** 24)
  if (first === 0) return 'unspecified'
  if (first === 127) return 'loopback'
  if (first >= 224 && first < 240) return 'multicast'
  return address === 2 ** 32 - 1 ? 'broadcast' : undefined
}

/** Why an address is not one of a single host that others reach; undefined if it may be one. */
export function specialPurposeOfIpv6(
  address: bigint,
): 'unspecified' | 'loopback' | 'multicast' | 'link-local' | 'IPv4-mapped' | undefined {
  if (address === 0n) return 'unspecified'
  if (address === 1n) return 'loopback'
  if (address >> 120n === 0xffn) return 'multicast'
  if (address >> 118n === 0xfe80n >> 6n) return 'link-local'
  return address >> 32n === 0xffffn ? 'IPv4-mapped' : undefined
}
