/** A source of chance that gives the same again for the same seed. */
export interface Random {
  /** A whole number from 0 up to, not including, `end`. */
  below(end: number): number
  chance(probability: number): boolean
  pick<const C extends readonly [unknown, ...unknown[]]>(choices: C): C[number]
  /** Some of the choices, at least one and at most `most`, in their order. */
  some<T>(choices: readonly [T, ...T[]], most: number): readonly [T, ...T[]]
}

/** Makes a source of chance (the generator is mulberry32). */
export function makeRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (end: number): number => Math.floor(next() * end)
  const pick = <const C extends readonly [unknown, ...unknown[]]>(choices: C): C[number] =>
    choices[below(choices.length)] ?? choices[0]
  return {
    below,
    pick,
    chance: (probability) => next() < probability,
    some(choices, most) {
      const wanted = new Set(Array.from({ length: 1 + below(most) }, () => pick(choices)))
      const [first = choices[0], ...rest] = choices.filter((choice) => wanted.has(choice))
      return [first, ...rest]
    },
  }
}
