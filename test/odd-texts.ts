import { makeRandom } from './random.ts'

/** So many characters that work which grows with their square would not end within the life of a test. */
const large = 200_000

/**
 * Makes odd texts of a usual one: cut anywhere; with a part repeated without end; grown by one character, or by words that
 * mean something; nested into itself. The same seed gives the same.
 */
export function oddTexts(usual: string, words: readonly string[], seed: number): readonly string[] {
  const random = makeRandom(seed)
  const at = (): number => random.below(usual.length + 1)
  const put = (some: string): string => {
    const place = at()
    return usual.slice(0, place) + some + usual.slice(place)
  }
  const part = (): string => {
    const [first = 0, last = 0] = [at(), at()].toSorted((a, b) => a - b)
    return usual.slice(first, last) || ' '
  }
  const repeated = (some: string): string => some.repeat(Math.ceil(large / some.length))
  const nested = (some: string): string => {
    const middle = some.length >> 1
    const times = Math.ceil(large / some.length)
    return some.slice(0, middle).repeat(times) + some.slice(middle).repeat(times)
  }
  const characters = [
    '\n',
    ' ',
    '\t',
    '"',
    '\\',
    '0',
    'a',
    '-',
    '/',
    ':',
    '[',
    '!',
    ',',
    '"\n',
    '\\"',
  ]
  return [
    ...Array.from({ length: 20 }, () => usual.slice(0, at())),
    ...Array.from({ length: 4 }, () => put(repeated(part()))),
    ...[...characters, ...words].map((one) => put(repeated(one))),
    ...[...characters, ...words].map(repeated),
    ...Array.from({ length: 3 }, () => nested(part())),
  ]
}
