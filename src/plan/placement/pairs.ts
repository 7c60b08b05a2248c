/**
 * Each of one side with each of the other; where those are more than `most`, each with the first of the other side, and no
 * more than `most` of a side.
 */
export function pairs<A, B>(
  some: readonly A[],
  others: readonly B[],
  most: number,
): readonly (readonly [A, B])[] {
  const all = some.length * others.length <= most
  return some
    .slice(0, most)
    .flatMap((one, i) =>
      others
        .slice(0, most)
        .flatMap((other, j) => (all || i === 0 || j === 0 ? [[one, other] as const] : [])),
    )
}
