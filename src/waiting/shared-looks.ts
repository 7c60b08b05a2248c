/**
 * Lets many callers share one look at something. Only one look is at work at a time. Who asks during a look waits for the next one. So an
 * answer is never older than its question.
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
