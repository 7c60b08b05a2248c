import { type Check, fail, pass } from '../check.ts'

/** Whether /run is writable, and only root can enter /run/fw-run, or it is not there. Else others could make a host run their program. */
export const runDirectory: Check = {
  id: 'run-directory',
  judge({ facts: { untrustedRoom } }) {
    if (untrustedRoom === undefined) return pass
    return fail(untrustedRoom.reason, untrustedRoom.remedy)
  },
}
