import { walk } from '../../flow/walk.ts'
import { atForward, type Flow, fresh, requests } from './flow.ts'
import { freeIn, type Outsider, subnetsOn } from './outsiders.ts'
import type { Terrain } from './terrain.ts'

/** How the ports are called behind which virtual machines and containers are, by libvirt, Proxmox, Xen, LXC and systemd. */
const guestPort = /^(vnet|tap|veth|vif|fwpr|lxc|vb-)/

/**
 * What a guarded bridge passes on between neighbours and its guests. With bridge-nf-call-iptables, without which Kubernetes
 * does not start, it comes to FORWARD like what is routed, in and out by the bridge. Only what gets through now.
 */
export function bridgedFlows(
  terrain: Terrain,
  outsiders: readonly Outsider[],
  on: string,
): readonly Flow[] {
  const { intent, ruleset } = terrain
  const ports = intent.network.interfaces.filter(({ master }) => master === on)
  const neighbours = outsiders.filter(({ near }) => near).map(({ address }) => address)
  const [guest] = subnetsOn(terrain, on).flatMap(
    (subnet) => freeIn(terrain, subnet, neighbours) ?? [],
  )
  if (ports.length < 2 || !ports.some(({ name }) => guestPort.test(name)) || !guest) return []
  return neighbours
    .flatMap((source) =>
      Object.entries(requests).flatMap(([name, packet]) =>
        atForward(
          {
            aim: 'keep',
            title: `neighbour → guest on the bridge ${on}, ${name}`,
            about: {
              ...fresh,
              ...packet,
              bridged: true,
              in: on,
              out: on,
              source,
              destination: guest,
            },
            remedy:
              'Accept before what bridges pass on: a rule `-m physdev --physdev-is-bridged -j ACCEPT` in FORWARD.',
            imagined: false,
          },
          terrain,
        ),
      ),
    )
    .filter(({ packet, world }) =>
      walk(ruleset, 'filter', 'FORWARD', packet, world).outcomes.some(({ verdict }) =>
        ['accept', 'unknown'].includes(verdict.kind),
      ),
    )
}
