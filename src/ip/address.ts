/** Reads an IPv4 address, four decimal numbers with dots between them; undefined for any other text. */
export function parseAddress(text: string): number | undefined {
  if (text.length > 15) return undefined
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let address = 0
  for (const part of parts) {
    // Some tools take a leading zero for octal.
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined
    address = address * 256 + Number(part)
  }
  return address
}

/** Writes an IPv4 address as four decimal numbers with dots between them. */
export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.')
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
