import type { HostFacts } from '../facts/host-facts.ts'
import { fail, pass, type Verdict } from './check.ts'

export const title = 'no other run holds the host'

/** Whether nobody else is changing this host at the moment. */
export function judge({ lockHolder }: HostFacts): Verdict {
  if (!lockHolder) return pass
  return fail(
    `another run holds this host: ${lockHolder}`,
    'Wait until it has ended, and run again. If it never does, end the process that /run/fw-run/lock/owner names there.',
  )
}
