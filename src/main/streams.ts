import { closeSync } from 'node:fs'
import { isatty } from 'node:tty'

/** What became of stdout. */
export interface OutputGuard {
  /** Resolves once everything written so far has left this process. */
  readonly written: () => Promise<void>
  /** Whether part of the result was lost, other than by a reader that went away. */
  readonly lost: () => boolean
}

/**
 * Keeps a run going though its output cannot be written: a reader that went away or a full disk must not stop a transaction
 * half way. What is lost other than by a reader's leave is told once on the other stream.
 */
export function guardOutput(): OutputGuard {
  const told = new Set<NodeJS.WriteStream>()
  const pairs = [
    [process.stdout, process.stderr],
    [process.stderr, process.stdout],
  ] as const
  for (const [stream, other] of pairs) {
    stream.on('error', ({ code, message }: NodeJS.ErrnoException) => {
      // A terminal that was closed says EIO. A file that says so has a disk that fails.
      if (told.has(stream) || code === 'EPIPE' || (code === 'EIO' && stream.isTTY)) return
      told.add(stream)
      other.write(`fw-run: part of the output is lost: ${message}\n`)
    })
  }
  return {
    written: () => new Promise((resolve) => process.stdout.write('', () => resolve())),
    lost: () => told.has(process.stdout),
  }
}

/**
 * Remembers which streams are terminals, and returns what lets go of those that were closed since. At its end Node resets
 * every terminal, and aborts at one that is closed.
 */
export function guardTerminals(): () => void {
  const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor))
  return () => {
    for (const descriptor of terminals) if (!isatty(descriptor)) closeSync(descriptor)
  }
}
