import { writeSync } from 'node:fs'
import type { WithFlags } from '../text/printed-commands.ts'

/**
 * Node ends with 0 when nothing is left to wait for, also where a run still waits for something that never comes. Says so then, and
 * ends with 1. Returns what to call at the end of the run.
 */
export function tellEarlyEnd(withFlags: WithFlags): () => void {
  const tell = (code: number): void => {
    if (code !== 0) return
    process.exitCode = 1
    const remedy =
      'If this command can change hosts, `fw-run runs` shows what it did. If that run is unfinished, run `fw-run recover`.'
    writeSync(
      2,
      `fw-run: this program ended before the run was finished. This is a bug in fw-run: please report it.\n  -> ${withFlags(remedy)}\n`,
    )
  }
  process.once('exit', tell)
  return () => void process.removeListener('exit', tell)
}
