import type { Packet } from '../../flow/packet.ts'
import type { HostModel } from '../host/host-model.ts'
import { unnamedAddress } from '../host/other-interfaces.ts'
import { freeAddressIn, type Outsider, subnetsOn } from '../host/outsiders.ts'
import { atForward, type Flow, fresh, getsThrough, requests } from './flow.ts'

/** How libvirt, Proxmox, Xen, LXC and systemd name the ports of their virtual machines and containers. */
const guestPort = /^(vnet|tap|veth|vif|fwpr|lxc|vb-)/

/**
 * What a guarded bridge forwards between its guests (virtual machines or containers) and outsiders, in both directions, if
 * it gets through today. Our rule must leave it alone.
 *
 * Kubernetes sets bridge-nf-call-iptables, so such packets come to FORWARD like routed ones, with the bridge as both
 * interfaces.
 */
export function bridgedFlows(
  model: HostModel,
  outsiders: readonly Outsider[],
  on: string,
): readonly Flow[] {
  const ports = model.intent.network.interfaces.filter(({ master }) => master === on)
  if (ports.length < 2 || !ports.some(({ name }) => guestPort.test(name))) return []
  const onSubnet = outsiders.filter((one) => one.onSubnet).map(({ address }) => address)
  const [guest] = subnetsOn(model, on).flatMap(
    (subnet) => freeAddressIn(model, subnet, onSubnet) ?? [],
  )
  if (!guest) return []
  const flows = (title: string, ends: Partial<Packet>): readonly Flow[] =>
    Object.entries(requests).flatMap(([name, packet]) =>
      atForward(
        {
          aim: 'keep',
          title: `${title}, ${name}`,
          about: { ...fresh, ...packet, ...ends, bridged: true, in: on, out: on },
          remedy:
            'Accept bridged packets before our rule: insert `-m physdev --physdev-is-bridged -j ACCEPT` at the top of FORWARD.',
          imagined: false,
        },
        model,
      ),
    )
  const here = `guest on bridge ${on}`
  return [
    ...outsiders.flatMap((outsider) => {
      const ends = { source: outsider.address, destination: guest }
      return flows(`${outsider.onSubnet ? 'outsider' : 'routed outsider'} → ${here}`, ends)
    }),
    ...onSubnet
      .slice(0, 1)
      .flatMap((destination) => flows(`${here} → outsider`, { source: guest, destination })),
    ...flows(`${here} → routed outsider`, { source: guest, destination: unnamedAddress(model) }),
  ].filter((flow) => getsThrough(model, flow))
}
