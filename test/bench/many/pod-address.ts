/** An address of a host's pod block: blocks of 16, beyond those of the whole hosts. */
export function podAddress(i: number, address: number): string {
  return `10.42.${16 + (i >> 4)}.${(i & 15) * 16 + address}`
}
