/** A mark of 32 bits, of which the bits of `known` are known. `value` has no other bits. */
export interface Bits {
  readonly value: number
  readonly known: number
}

/** A mark of which nothing is known. */
export const unknownBits: Bits = { value: 0, known: 0 }

/** A mark of which all bits are known. */
export function knownBits(value: number): Bits {
  return bits(value, -1)
}

/** The bits of a mask; all others are known to be zero. */
export function masked(mark: Bits, mask: number): Bits {
  return bits(mark.value & mask, mark.known | ~mask)
}

/** Two marks, bit by bit exclusive or; a number is known in all its bits. */
export function xor(a: Bits, b: Bits | number): Bits {
  return typeof b === 'number'
    ? bits(a.value ^ b, a.known)
    : bits(a.value ^ b.value, a.known & b.known)
}

/** What is known of a mark that is one of two. */
export function either(a: Bits, b: Bits): Bits {
  return sameBits(a, b) ? a : bits(a.value, a.known & b.known & ~(a.value ^ b.value))
}

/** Whether the same is known of two marks. */
export function sameBits(a: Bits, b: Bits): boolean {
  return a.value === b.value && a.known === b.known
}

/** Reads `0x1/0xf`; a mark without a mask has all bits for one. Undefined for any other text. */
export function parseMasked(text: string): { value: number; mask: number } | undefined {
  const slash = text.indexOf('/')
  const value = parseMark(slash < 0 ? text : text.slice(0, slash))
  const mask = slash < 0 ? 0xffffffff : parseMark(text.slice(slash + 1))
  return value === undefined || mask === undefined ? undefined : { value, mask }
}

/** Reads a mark of at most 32 bits, as `0x1` or `1`; undefined for any other text. */
export function parseMark(text: string): number | undefined {
  if (!/^(0x[\da-f]{1,8}|\d{1,10})$/i.test(text)) return undefined
  const mark = Number(text)
  return mark < 2 ** 32 ? mark : undefined
}

function bits(value: number, known: number): Bits {
  return { value: (value & known) >>> 0, known: known >>> 0 }
}
