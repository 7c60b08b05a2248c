/** An address of a host's pod block: blocks of 8, beyond those of the whole hosts. There are 7,680 of them in 10.42.0.0/16. */
export function podAddress(i: number, address: number): string {
  return `10.42.${16 + (i >> 5)}.${(i & 31) * 8 + address}`
}
