/** A 32-bit mark of which only the bits of `known` are known; `value` has no others. */
export interface Bits {
  readonly value: number
  readonly known: number
}

/** A mark of which nothing is known. */
export const unknownBits: Bits = { value: 0, known: 0 }

/** A mark that is known in all its bits. */
export function knownBits(value: number): Bits {
  return bits(value, -1)
}

/** The bits of `mask`, the others known to be zero. */
export function masked(mark: Bits, mask: number): Bits {
  return bits(mark.value & mask, mark.known | ~mask)
}

/** Two marks, bit by bit exclusive or. */
export function xor(a: Bits, b: Bits): Bits {
  return bits(a.value ^ b.value, a.known & b.known)
}

/** What is known of a mark that is either the one or the other. */
export function either(a: Bits, b: Bits): Bits {
  return bits(a.value, a.known & b.known & ~(a.value ^ b.value))
}

/** Reads `0x1/0xf`, or `1` with all bits for a mask; undefined if it is no number. */
export function parseMasked(text: string): { value: number; mask: number } | undefined {
  const [value, mask = 0xffffffff, more] = text.split('/').map(Number)
  if (value === undefined || more !== undefined) return undefined
  if (!Number.isInteger(value) || !Number.isInteger(mask)) return undefined
  return { value, mask }
}

function bits(value: number, known: number): Bits {
  return { value: (value & known) >>> 0, known: known >>> 0 }
}
