import type { HostFacts } from '../../facts/host-facts.ts'
import { type CheckResult, fail, pass } from '../check.ts'

export const title = 'no other run holds the host'

/** Whether nobody else is changing this host at the moment. */
export function judge({ lockHolder }: HostFacts): CheckResult {
  if (!lockHolder) return pass
  return fail(
    `another run holds this host: ${lockHolder}`,
    'Wait until it has ended, and run again. If its runner is gone, the host settles it by itself when the lease is over, 30 s unless it was told otherwise.',
  )
}
