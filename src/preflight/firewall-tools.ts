import type { HostFacts } from '../facts/host-facts.ts'
import { fail, pass, type Verdict } from './check.ts'

export const title = 'firewall tools are there'

/** Whether the host has every program that the agent needs. Asked before the rules are looked at. */
export function judge({ tools }: HostFacts): Verdict {
  if (tools.missing.length === 0) return pass
  return fail(
    `${tools.missing.join(', ')} not found in the PATH of root`,
    'Install the packages iptables, ipset, iproute and coreutils there.',
  )
}
