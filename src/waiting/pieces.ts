/** Work that pauses after each piece of a few milliseconds, so that others may have their turn. Its result comes at the end. */
export type InPieces<T> = Generator<undefined, T, undefined>

/** Does all pieces without a pause. */
export function atOnce<T>(work: InPieces<T>): T {
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
  }
}
