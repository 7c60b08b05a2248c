/** A limit that is spent or broken once: `signal.reason` is then `timeout` or `interrupted`. */
export interface TimeLimit {
  readonly seconds: number
  readonly signal: AbortSignal
  /** Ends the watch; the limit can no longer be reached. */
  dispose(): void
}

/** Starts a limit of so many seconds, which the caller's own signal breaks before that. */
export function startTimeLimit(seconds: number, interrupt: AbortSignal | undefined): TimeLimit {
  const controller = new AbortController()
  const onInterrupt = () => controller.abort('interrupted')
  const timer = setTimeout(() => controller.abort('timeout'), seconds * 1000)
  interrupt?.addEventListener('abort', onInterrupt, { once: true })
  if (interrupt?.aborted) onInterrupt()
  return {
    seconds,
    signal: controller.signal,
    dispose() {
      clearTimeout(timer)
      interrupt?.removeEventListener('abort', onInterrupt)
    },
  }
}
