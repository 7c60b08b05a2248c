import type { HostFacts } from '../../facts/host-facts.ts'
import { sourcesTowards } from '../../facts/peers.ts'
import { closedNetworks, type EarlyIntent, memberSet } from '../../guard/intent.ts'
import { areMeant } from '../../inventory/interface-names.ts'
import { fail, type ProtectionCheck, pass } from '../check.ts'

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
    if (missing.length === 0) return pass
    // fw_addresses replaces what the inventory tells otherwise, so the remedy lists all.
    const all = [...new Set([...host.settings.addresses, ...missing])]
    return fail(
      `this host sends packets from addresses that other hosts do not allow: ${missing.join(', ')}. They would stop these packets`,
      `Set fw_addresses of ${host.name} to all of its addresses: [${all.join(', ')}].`,
    )
  },
}

/** From where this host may speak by IPv6 to what the guard closes by IPv6. */
function ownIpv6(facts: HostFacts, intent: EarlyIntent): readonly string[] {
  if (!closedNetworks(intent).some((cidr) => cidr.includes(':'))) return []
  return facts.ipv6.addresses
    .filter(({ device }) => areMeant(intent.interfaces, device))
    .map(({ address }) => address)
}
