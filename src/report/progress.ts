import type { RunEvent } from '../events.ts'

/** Shows a run while it goes on. Only the view: it drives nothing. */
export interface Progress {
  readonly show: (event: RunEvent) => void
  /** Resolves once all events so far are shown, so that a question or the result can follow. */
  readonly flushed: () => Promise<void>
}
