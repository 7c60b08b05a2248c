/**
 * Each of one side with each of the other; where those are more than `most`, each with the first of the other side, so
 * that nobody is left out.
 */
export function pairs<A, B>(
  some: readonly A[],
  others: readonly B[],
  most: number,
): readonly (readonly [A, B])[] {
  const all = some.length * others.length <= most
  return some.flatMap((one, i) =>
    (all || i === 0 ? others : others.slice(0, 1)).map((other) => [one, other] as const),
  )
}
