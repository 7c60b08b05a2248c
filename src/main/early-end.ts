import { writeSync } from 'node:fs'

/**
 * Node ends with 0 when nothing is left to wait for, also where a run still waits for something that never comes. Says so then, and
 * ends with 1. Returns what to call at the end of the run.
 */
export function tellEarlyEnd(): () => void {
  const tell = (code: number): void => {
    if (code !== 0) return
    process.exitCode = 1
    writeSync(
      2,
      'fw-run: fw-run ended before the run did. This is a fault of fw-run.\n  -> `fw-run runs` tells what this run did. If it is unfinished, run `fw-run recover`.\n',
    )
  }
  process.once('exit', tell)
  return () => void process.removeListener('exit', tell)
}
