import { setMaxListeners } from 'node:events'

/** A time limit. Its signal comes once, with the reason `timeout` or `interrupted`. */
export interface TimeLimit {
  readonly seconds: number
  readonly signal: AbortSignal
  /** Releases the timer; the signal does not come any more. */
  dispose(): void
}

/** Starts a time limit; `interrupt` ends it early. Any number of hosts may listen to its signal. */
export function startTimeLimit(seconds: number, interrupt: AbortSignal | undefined): TimeLimit {
  const controller = new AbortController()
  // Node would print a warning from the eleventh on.
  setMaxListeners(0, controller.signal)
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
