import { nameHolder } from '../../agent/holder.ts'
import { type Check, pass, warn } from '../check.ts'

/** Whether a run that is over left a change or its lock here: its rollback failed, or its watchdog died too. */
export const unfinishedChange: Check = {
  id: 'unfinished-change',
  judge({ facts }) {
    if (!facts.unfinished) return pass
    return warn(
      `${nameHolder(facts.unfinished)} is over, but its change, its lock or both are still on this host`,
      'Run `fw-run recover` on the jump host of that run. `fw-run apply` and `fw-run remove` also clean up this host, before they change anything.',
    )
  },
}
