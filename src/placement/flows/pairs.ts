/**
 * Each item of one list with each of the other. If that makes more than `max` pairs: each item of either list with the
 * first of the other, so that every item is in a pair.
 */
export function pairs<A, B>(
  first: readonly A[],
  second: readonly B[],
  max: number,
): readonly (readonly [A, B])[] {
  const all = first.length * second.length <= max
  return first.flatMap((one, i) =>
    (all || i === 0 ? second : second.slice(0, 1)).map((other) => [one, other] as const),
  )
}
