import type { RunEvent } from '../events.ts'

/** Shows a run while it goes on. Only the view: it drives nothing. */
export interface Progress {
  readonly show: (event: RunEvent) => void
  /** Resolves when everything told so far has been shown, so that a question or the result can follow. */
  readonly settled: () => Promise<void>
}
