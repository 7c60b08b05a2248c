/**
 * A look at something that many ask for: it is done once at a time, for all who have asked by then. Who asks while one is at work gets the
 * next, which begins after it: so what an answer says is never older than the question.
 */
export function sharedLooks<T>(look: () => Promise<T>): () => Promise<T> {
  let current: Promise<unknown> = Promise.resolve()
  let next: Promise<T> | undefined
  const begin = (): Promise<T> => {
    next = undefined
    const one = look()
    current = one
    return one
  }
  return () => {
    next ??= current.then(begin, begin)
    return next
  }
}
