import { setMaxListeners } from 'node:events'

/** How a run is interrupted. */
export interface Interruption {
  readonly signal: AbortSignal
  readonly release: () => void
}

/**
 * Listens for the user's signals. The first Ctrl-C, TERM or HUP aborts the signal, so that the run stops and rolls back what
 * it has begun; `onFirst` tells the user. A second Ctrl-C or TERM ends the process by that signal, after `onSecond`.
 */
export function listenForInterruption(onFirst: () => void, onSecond: () => void): Interruption {
  const controller = new AbortController()
  // One listener a host.
  setMaxListeners(0, controller.signal)
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const release = (): void => {
    for (const name of signals) process.removeListener(name, onSignal)
  }
  const onSignal = (name: NodeJS.Signals): void => {
    if (!controller.signal.aborted) {
      // The listeners stay: were they the last to go, the terminal view's own would end the process.
      controller.abort()
      onFirst()
    } else if (name !== 'SIGHUP') {
      // A closed terminal sends HUP twice, so HUP never counts as the second.
      release()
      onSecond()
      process.kill(process.pid, name)
    }
  }
  for (const name of signals) process.on(name, onSignal)
  return { signal: controller.signal, release }
}
