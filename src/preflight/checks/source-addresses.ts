import type { HostFacts } from '../../facts/host-facts.ts'
import { sourcesTowards } from '../../facts/peers.ts'
import { closesIpv6, type EarlyIntent, memberSet, type ProtectIntent } from '../../guard/intent.ts'
import { areMeant } from '../../inventory/interface-names.ts'
import { type CheckResult, fail, type ProtectionCheck, pass, type Subject } from '../check.ts'
import { keepSysctl } from '../evidence/sysctl.ts'

/** Whether every address from which this host speaks to the others is a member of their set. */
export const sourceAddresses: ProtectionCheck = {
  id: 'source-addresses',
  judge(subject) {
    const { host, intent, peers } = subject
    const sources = new Set([
      ...sourcesTowards(peers, intent.network.routes, intent.network.interfaces),
      ...(intent.kind !== 'forward' ? ownIpv6(subject.facts, intent) : []),
    ])
    const missing = [...sources].filter((address) => !memberSet(intent.members).has(address))
    if (missing.length === 0) return temporarySources(subject) ?? pass
    // fw_addresses replaces what the inventory tells otherwise, so the remedy lists all.
    const all = [...new Set([...host.settings.addresses, ...missing])]
    return fail(
      `this host sends packets from addresses that other hosts do not allow: ${missing.join(', ')}. The other hosts would stop these packets`,
      `Set fw_addresses of ${host.name} to all of its addresses: [${all.join(', ')}].`,
    )
  },
}

/** Addresses that change can be no members. */
function temporarySources({ facts, intent }: Subject<ProtectIntent>): CheckResult | undefined {
  if (intent.kind === 'forward' || !closesIpv6(intent)) return undefined
  const members = memberSet(intent.members)
  const found = facts.ipv6.temporary.filter(
    ({ device, address }) => areMeant(intent.interfaces, device) && !members.has(address),
  )
  const [first] = found
  if (!first) return undefined
  const devices = [...new Set(found.map(({ device }) => device))]
  return fail(
    `this host sends IPv6 packets from temporary addresses of ${devices.join(', ')}, for example ${first.address}. Linux changes these addresses again and again. So the other hosts cannot allow them, and would stop these packets`,
    `Run \`sysctl -w ${devices.map((device) => `net/ipv6/conf/${device}/use_tempaddr=0`).join(' ')}\` on that host. Then the host uses its permanent address. ${keepSysctl}`,
  )
}

/** From where this host may speak by IPv6 to what the guard closes by IPv6. */
function ownIpv6(facts: HostFacts, intent: EarlyIntent): readonly string[] {
  if (!closesIpv6(intent)) return []
  return facts.ipv6.addresses
    .filter(({ device }) => areMeant(intent.interfaces, device))
    .map(({ address }) => address)
}
