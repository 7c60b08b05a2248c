import { isGuestPort } from '../../facts/guest-interface-names.ts'
import type { Packet } from '../../flow/packet.ts'
import { parseAddress } from '../../ip/ipv4.ts'
import type { Range } from '../../ip/ipv4-ranges.ts'
import type { HostModel } from '../host/host-model.ts'
import { unnamedAddress } from '../host/other-interfaces.ts'
import { freeAddressIn, type Outsider, subnetsOn } from '../host/outsiders.ts'
import { keepRules } from '../keep-rules.ts'
import { kindsBy } from '../kinds/kinds.ts'
import { atForward, type Flow, fresh, getsThrough, requests } from './flow.ts'
import { pairs } from './pairs.ts'

/**
 * What a guarded bridge forwards between outsiders and its guests (virtual machines or containers), or machines behind a second card, in
 * both directions, if it gets through today. Our rule must leave it alone.
 *
 * Kubernetes sets bridge-nf-call-iptables, so such packets come to FORWARD like routed ones, with the bridge as both
 * interfaces.
 */
export function bridgedFlows(
  model: HostModel,
  outsiders: readonly Outsider[],
  on: string,
): readonly Flow[] {
  const { interfaces } = model.intent.network
  const ports = interfaces.filter(({ master }) => master === on)
  const hasGuests = ports.length >= 2 && ports.some(({ name }) => isGuestPort(name))
  const isBridge = interfaces.some(({ name, bridge }) => name === on && bridge)
  const joins = isBridge && ports.filter(({ up, unplugged }) => up && !unplugged).length >= 2
  if (!hasGuests && !joins) return []
  const onSubnet = outsiders.filter((one) => one.onSubnet).map(({ address }) => address)
  const [subnet] = subnetsOn(model, on)
  const guests = subnet ? guestsIn(model, subnet, onSubnet.slice(0, 1)) : []
  const flows = (title: string, ends: Partial<Packet>): readonly Flow[] =>
    Object.entries(requests).flatMap(([name, packet]) =>
      atForward(
        {
          aim: 'keep',
          title: `${title}, ${name}`,
          about: { ...fresh, ...packet, ...ends, bridged: true, in: on, out: on },
          remedy: `Accept bridged packets before the rule of fw-run: run \`iptables -I FORWARD -m physdev --physdev-is-bridged -j ACCEPT\` on that host. ${keepRules}`,
          invented: false,
        },
        model,
      ),
    )
  const here = `${hasGuests ? 'guest on' : 'machine behind'} bridge ${on}`
  return [
    ...pairs(outsiders, guests, model.maxPairs).flatMap(([outsider, guest]) => {
      if (outsider.address === guest) return []
      const ends = { source: outsider.address, destination: guest }
      return flows(`${outsider.onSubnet ? 'outsider' : 'outsider behind a router'} → ${here}`, ends)
    }),
    ...guests.flatMap((source) => [
      ...onSubnet
        .slice(0, 1)
        .flatMap((destination) => flows(`${here} → outsider`, { source, destination })),
      ...flows(`${here} → outsider behind a router`, {
        source,
        destination: unnamedAddress(model),
      }),
    ]),
  ].filter((flow) => getsThrough(model, flow))
}

/** Addresses that guests may have: one of each kind that rules tell apart in a subnet, none in use by others. */
function guestsIn(model: HostModel, subnet: Range, others: readonly string[]): readonly string[] {
  const { sources, destinations } = model.matched
  const found = new Map<string, string>()
  const rows = kindsBy([...sources, ...destinations]).rows.map(({ first, last }) => ({
    // `freeAddressIn` leaves out both ends, because in a subnet they are no addresses of hosts.
    first: Math.max(first - 1, subnet.first),
    last: Math.min(last + 1, subnet.last),
  }))
  for (const range of [subnet, ...rows]) {
    const guest = freeAddressIn(model, range, others)
    const address = parseAddress(guest ?? '')
    if (guest === undefined || address === undefined) continue
    const kind = `${model.sources.of(address)}|${model.destinations.of(address)}`
    if (!found.has(kind)) found.set(kind, guest)
  }
  return [...found.values()]
}
