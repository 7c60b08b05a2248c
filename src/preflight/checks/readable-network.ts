import type { HostFacts } from '../../facts/host-facts.ts'
import { type CheckResult, fail, pass } from '../check.ts'

export const id = 'readable-network'

/** Whether interfaces, addresses and routes could be read. Without them nobody knows which way packets take. */
export function judge({ network }: HostFacts): CheckResult {
  if (network.kind === 'read') return pass
  return fail(network.reason, network.remedy)
}
