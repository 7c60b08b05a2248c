/** Reads an IPv4 address, four decimal numbers with dots between them; undefined for any other text. */
export function parseAddress(text: string): number | undefined {
  return parseAddressIn(text, 0, text.length)
}

/** The same of the part of a text from `start` to before `end`. Character by character: hosts have tens of thousands. */
export function parseAddressIn(text: string, start: number, end: number): number | undefined {
  let [address, octet, digits, dots] = [0, 0, 0, 0]
  for (let at = start; at < end; at++) {
    const digit = text.charCodeAt(at) - 48
    if (digit === -2 && digits > 0 && dots < 3) {
      address = address * 256 + octet
      octet = 0
      digits = 0
      dots++
      continue
    }
    // Some tools take a leading zero for octal.
    if (digit < 0 || digit > 9 || (digits > 0 && octet === 0)) return undefined
    octet = octet * 10 + digit
    digits++
    if (octet > 255) return undefined
  }
  return dots === 3 && digits > 0 ? address * 256 + octet : undefined
}

/** Writes an IPv4 address as four decimal numbers with dots between them. */
export function formatAddress(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`
}
