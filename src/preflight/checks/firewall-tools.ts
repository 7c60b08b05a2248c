import type { HostFacts } from '../../facts/host-facts.ts'
import { type CheckResult, fail, pass } from '../check.ts'

export const title = 'firewall tools are there'

/** Whether the host has every program that the agent needs. Asked before the rules are looked at. */
export function judge({ tools }: HostFacts): CheckResult {
  if (tools.missing.length === 0) return pass
  return fail(
    `${tools.missing.join(', ')} not found in the PATH of root`,
    'Install the packages iptables, ipset, iproute and coreutils there.',
  )
}
