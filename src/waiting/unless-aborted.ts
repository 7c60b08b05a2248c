/** The value of a promise, or undefined if the signal comes first. */
export function unlessAborted<T>(value: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) resolve(undefined)
    const onAbort = (): void => resolve(undefined)
    // Thousands of hosts share the signal.
    const done = (): void => signal.removeEventListener('abort', onAbort)
    signal.addEventListener('abort', onAbort, { once: true })
    value.finally(done).then(resolve, reject)
  })
}
