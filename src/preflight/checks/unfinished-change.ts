import { nameHolder } from '../../agent/holder.ts'
import { type Check, pass, warn } from '../check.ts'

/** Whether a dead run left a change or its lock here, because its watchdog died too. */
export const unfinishedChange: Check = {
  id: 'unfinished-change',
  judge({ facts }) {
    if (!facts.unfinished) return pass
    return warn(
      `${nameHolder(facts.unfinished)} died. Its change, its lock or both are still on this host`,
      'Run `fw-run recover` on the jump host of that run. `fw-run apply` and `fw-run remove` also finish that run, before they change anything.',
    )
  },
}
