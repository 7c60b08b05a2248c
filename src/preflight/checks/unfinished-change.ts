import { type Check, pass, warn } from '../check.ts'

/** Whether a run has left a change half way here, or its lock: it died, and so did the watchdog that takes its change back. */
export const nothingUnfinished: Check = {
  title: 'no unfinished change',
  judge({ facts }) {
    if (!facts.unfinished) return pass
    return warn(
      `a run was left half way here, and whoever began it is gone: ${facts.unfinished}`,
      'Run `fw-run recover` on the jump host of that run. `fw-run apply` and `fw-run remove` settle it, too, before they change anything.',
    )
  },
}
