import type { Packet } from '../../flow/packet.ts'
import type { HostModel } from '../host/host-model.ts'
import { anybody } from '../host/other-interfaces.ts'
import { freeIn, type Outsider, subnetsOn } from '../host/outsiders.ts'
import { atForward, type Flow, fresh, getsThrough, requests } from './flow.ts'

/** How the ports are called behind which virtual machines and containers are, by libvirt, Proxmox, Xen, LXC and systemd. */
const guestPort = /^(vnet|tap|veth|vif|fwpr|lxc|vb-)/

/**
 * What a guarded bridge passes on between its guests and outsiders, neighbours as well as those whom a router brings. With
 * bridge-nf-call-iptables, without which Kubernetes does not start, it comes to FORWARD like what is routed, in and out by
 * the bridge. Guests send to a neighbour and to anybody beyond. Only what gets through now.
 */
export function bridgedFlows(
  model: HostModel,
  outsiders: readonly Outsider[],
  on: string,
): readonly Flow[] {
  const ports = model.intent.network.interfaces.filter(({ master }) => master === on)
  if (ports.length < 2 || !ports.some(({ name }) => guestPort.test(name))) return []
  const neighbours = outsiders.filter(({ near }) => near).map(({ address }) => address)
  const [guest] = subnetsOn(model, on).flatMap((subnet) => freeIn(model, subnet, neighbours) ?? [])
  if (!guest) return []
  const flows = (title: string, ends: Partial<Packet>): readonly Flow[] =>
    Object.entries(requests).flatMap(([name, packet]) =>
      atForward(
        {
          aim: 'keep',
          title: `${title}, ${name}`,
          about: { ...fresh, ...packet, ...ends, bridged: true, in: on, out: on },
          remedy:
            'Accept before what bridges pass on: a rule `-m physdev --physdev-is-bridged -j ACCEPT` in FORWARD.',
          imagined: false,
        },
        model,
      ),
    )
  const here = `guest on the bridge ${on}`
  return [
    ...outsiders.flatMap(({ address, near }) => {
      const ends = { source: address, destination: guest }
      return flows(`${near ? 'neighbour' : 'routed outsider'} → ${here}`, ends)
    }),
    ...neighbours
      .slice(0, 1)
      .flatMap((destination) => flows(`${here} → neighbour`, { source: guest, destination })),
    ...flows(`${here} → routed outsider`, { source: guest, destination: anybody(model) }),
  ].filter((flow) => getsThrough(model, flow))
}
