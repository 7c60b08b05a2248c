import type { HostFacts } from '../../facts/host-facts.ts'
import { type CheckResult, fail, pass } from '../check.ts'

export const id = 'firewall-tools'

/** Whether the host has every program that the agent needs. */
export function judge({ tools: { missing } }: HostFacts): CheckResult {
  if (missing.length === 0) return pass
  const apt = namesOf(missing.map((tool) => packages[tool] ?? tool))
  const yum = apt.replace('iproute2', 'iproute')
  const other = missing.includes('nft') ? ' Or set fw_guard: auto for that host.' : ''
  return fail(
    `the PATH of root does not have these programs: ${missing.join(', ')}`,
    `Install the missing packages on that host: \`apt-get install ${apt}\` on Debian and Ubuntu, \`yum install ${yum}\` on Red Hat and similar.${other}`,
  )
}

/** The packages of the programs, as Debian calls them. */
const packages: Readonly<Record<string, string>> = {
  'iptables-save': 'iptables',
  nft: 'nftables',
  ip: 'iproute2',
  setsid: 'util-linux',
}

function namesOf(wanted: readonly string[]): string {
  return [...new Set(wanted)].join(' ')
}
