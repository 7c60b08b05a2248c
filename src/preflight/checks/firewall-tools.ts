import type { HostFacts } from '../../facts/host-facts.ts'
import { type CheckResult, fail, pass } from '../check.ts'

export const id = 'firewall-tools'

/** Whether the host has every program that the agent needs. */
export function judge({ tools }: HostFacts): CheckResult {
  if (tools.missing.length === 0) return pass
  return fail(
    `root's PATH does not have: ${tools.missing.join(', ')}`,
    'Install the packages iptables, ipset, iproute (on Debian: iproute2), coreutils and util-linux there.',
  )
}
