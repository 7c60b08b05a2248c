import { describeHolder } from '../../agent/holder.ts'
import { defaultLease } from '../../defaults.ts'
import type { HostFacts } from '../../facts/host-facts.ts'
import { type CheckResult, fail, pass } from '../check.ts'

export const id = 'other-run'

/** Whether another run is changing this host at the moment. */
export function judge({ lockHolder }: HostFacts): CheckResult {
  if (!lockHolder) return pass
  return fail(
    describeHolder(lockHolder),
    `Wait until that run has ended. If its fw-run process is gone, wait until the lease ends (default ${defaultLease} s, see --lease): the host then rolls back a change that was not committed. Then run the same command again.`,
  )
}
