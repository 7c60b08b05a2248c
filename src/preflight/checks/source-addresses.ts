import type { HostFacts } from '../../facts/host-facts.ts'
import { type Peers, sourcesBy, sourcesTowards } from '../../facts/peers.ts'
import { type Route, withHops } from '../../facts/routes.ts'
import { podArrivals, routedElsewhere } from '../../guard/bare-pods.ts'
import {
  closesIpv6,
  type EarlyIntent,
  type ForwardIntent,
  memberSet,
  type ProtectIntent,
} from '../../guard/intent.ts'
import { areMeant } from '../../inventory/interface-names.ts'
import { onlyIpv4 } from '../../ip/dual.ts'
import { isCoveredBy, uncovered } from '../../ip/dual-ranges.ts'
import { parseNetwork } from '../../ip/ipv4-ranges.ts'
import { type CheckResult, fail, type ProtectionCheck, pass, type Subject } from '../check.ts'
import { keepSysctl } from '../evidence/sysctl.ts'

/** Whether every address from which this host speaks to the others is a member of their set. */
export const sourceAddresses: ProtectionCheck = {
  id: 'source-addresses',
  judge(subject) {
    const { host, intent, peers } = subject
    const sources = new Set([
      ...sourcesTowards(peers, intent.network.routes, intent.network.interfaces),
      ...(intent.kind === 'forward' ? [] : ownIpv6(subject.facts, intent)),
      ...sourcesToPods(subject),
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
  if (intent.kind === 'forward' || !meetsIpv6Guards(facts, intent)) return undefined
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
  if (!meetsIpv6Guards(facts, intent)) return []
  return facts.ipv6.sources
    .filter(({ device }) => areMeant(intent.interfaces, device))
    .map(({ address }) => address)
}

/**
 * Whether guards may stop IPv6 packets of this host. One that does not forward IPv6 may be of a cluster without it, where the inventory
 * names a network of IPv6 services all the same, as Kubespray's does. So there only closed pods count.
 */
function meetsIpv6Guards({ ipv6 }: HostFacts, intent: EarlyIntent): boolean {
  return closesIpv6(ipv6.forwards ? intent : { ...intent, serviceCidrs: [] })
}

/**
 * From where this host speaks by IPv4 to pods of other hosts that come without a tunnel, and from where it masquerades packets to them, as
 * those of clients of NodePorts. Where nodes have their addresses on loopback, these are addresses of links.
 */
function sourcesToPods({ intent, peers }: Subject<ProtectIntent>): readonly string[] {
  const { network, interfaces } = intent
  const pods = intent.kind === 'forward' ? bareOf(intent, peers) : onlyIpv4(intent.barePods)
  const unicast = network.routes.filter(({ kind }) => kind === 'unicast')
  const outside = new Set(
    uncovered(
      unicast.map(({ cidr }) => cidr),
      pods,
    ),
  )
  const isGuarded = ({ device = '' }: Route): boolean => areMeant(interfaces, device)
  const toPods = unicast.filter((route) => isGuarded(route) && !outside.has(route.cidr))
  const [around = []] = withHops(unicast)
    .filter(([{ cidr }]) => outside.has(cidr) && isCoveredBy(pods[0] ?? '', [cidr]))
    .sort(([a], [b]) => lengthOf(b) - lengthOf(a))
  // Where only routers of the cloud know pods of other hosts. What another table says is not known.
  const byCloud = routedElsewhere(network, interfaces).length === 0 ? around.filter(isGuarded) : []
  const taken = toPods.length > 0 ? toPods : byCloud
  return sourcesBy(taken, network.routes, network.interfaces).flatMap((sources) =>
    [sources.own, sources.masquerading].filter((address) => address !== undefined),
  )
}

/** The pod networks whose pods on other hosts come in without a tunnel, for the guard that allows no networks. */
function bareOf(
  { podCidrs, network, interfaces }: ForwardIntent,
  { all, own }: Peers,
): readonly string[] {
  const otherNodes = all.some((address) => address !== own)
  return podArrivals(podCidrs, network.routes, network, interfaces, otherNodes).bare
}

function lengthOf({ cidr }: Route): number {
  return parseNetwork(cidr)?.length ?? 0
}
