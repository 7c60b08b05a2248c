import { look } from '../stages/look.ts'
import { watchHosts } from '../stages/watch.ts'
import type { Perform } from './command.ts'
import { resultOf } from './result.ts'

/**
 * `fw-run status`: tells whether each host is protected as the inventory says, and how much was rejected so far; with
 * `--watch` again and again. Changes nothing.
 */
export const status: Perform = async (settings, run, publish) => {
  if (settings.pause === undefined) return resultOf(await look(settings, run), settings, run)
  const last = await watchHosts(
    settings,
    settings.pause,
    (report) => publish(resultOf(report, settings, run)),
    run,
  )
  return resultOf(last, { ...settings, quiet: true }, run)
}
