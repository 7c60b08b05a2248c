import type { RunEvent } from '../events.ts'
import { paintFor } from '../text/paint.ts'
import type { WithFlags } from '../text/printed-commands.ts'
import { logProgress } from './progress/log-progress.ts'

/** Shows a run while it goes on. It drives nothing. */
export interface Progress {
  readonly show: (event: RunEvent) => void
  /** Resolves when all events so far have been shown, so that a question or the result can follow. */
  readonly flushed: () => Promise<void>
}

/**
 * Progress for a stream: live on a terminal, in lines elsewhere. `colourful` is whether `--no-color` was not given; `quiet`
 * shows warnings and interruptions only; `looksOnly`: the run changes no host. Printed commands get their flags.
 */
export async function openProgress(
  stream: NodeJS.WriteStream,
  {
    colourful,
    quiet,
    looksOnly,
    withFlags,
  }: {
    readonly colourful: boolean
    readonly quiet: boolean
    readonly looksOnly: boolean
    readonly withFlags: WithFlags
  },
): Promise<Progress> {
  if (quiet) return quietly(logProgress(stream, looksOnly, withFlags))
  if (!stream.isTTY || process.env.TERM === 'dumb') return logProgress(stream, looksOnly, withFlags)
  const { terminalProgress } = await import('./progress/terminal-progress.ts')
  return terminalProgress(stream, paintFor(stream, colourful), looksOnly, withFlags)
}

function quietly({ show, flushed }: Progress): Progress {
  return {
    show(event) {
      if (event.kind === 'warning' || event.kind === 'interrupted') show(event)
    },
    flushed,
  }
}
