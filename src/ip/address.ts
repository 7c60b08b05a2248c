/** Reads an IPv4 address, four decimal numbers with dots between them; undefined for any other text. */
export function parseAddress(text: string): number | undefined {
  if (text.length > 15) return undefined
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let address = 0
  for (const part of parts) {
    const octet = parseOctet(part)
    if (octet === undefined) return undefined
    address = address * 256 + octet
  }
  return address
}

/** Without a regular expression: sets have tens of thousands of addresses. */
function parseOctet(text: string): number | undefined {
  if (text.length === 0 || text.length > 3) return undefined
  let octet = 0
  for (let at = 0; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 48
    // Some tools take a leading zero for octal.
    if (digit < 0 || digit > 9 || (at > 0 && octet === 0)) return undefined
    octet = octet * 10 + digit
  }
  return octet < 256 ? octet : undefined
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
