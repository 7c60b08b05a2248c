import { describe, expect, it } from 'vitest'
import { alikeNetworks, unknownNeighbours } from '../../src/guard/neighbour-pods.ts'
import { familyOf } from '../../src/ip/dual.ts'
import { isCoveredBy } from '../../src/ip/dual-ranges.ts'
import { randomNetworks } from '../ip/random-networks.ts'
import { makeRandom } from '../random.ts'
import { nftIntent } from './nft-intent.ts'

const route = (cidr: string, device: string, via?: string) =>
  ({ kind: 'unicast', cidr, device, via, source: undefined }) as const
const subnet = route('192.0.2.0/24', 'ens18')
const byDefault = route('0.0.0.0/0', 'ens18', '192.0.2.1')
const none = { via: undefined, device: undefined, source: undefined }
const block = { kind: 'blackhole', cidr: '10.42.1.0/26', ...none } as const
const toPod = route('10.42.1.10/32', 'cali1')
const near = '192.0.2.12'
const far = '198.51.100.13'

type Routes = Parameters<typeof unknownNeighbours>[1]

/** What is unknown on a host with this tunnel, and these routes beside those to its subnet and its own pods. */
function unknown(
  tunnel: string,
  peers: readonly string[],
  routes: Routes = [],
  farEnds: Parameters<typeof unknownNeighbours>[5] = [],
  podCidrs: readonly string[] = ['10.42.0.0/16'],
  pools: readonly string[] = [],
) {
  const { network } = nftIntent
  const tunnels = tunnel.split(' ').map((name) => ({ name, up: true, addresses: ['10.42.1.0'] }))
  const interfaces = [...network.interfaces, ...tunnels]
  const all = [subnet, byDefault, block, toPod, ...routes]
  const groups = alikeNetworks(podCidrs, pools)
  return unknownNeighbours(groups, all, { ...network, interfaces }, ['ens18'], peers, farEnds)
}

it('alikeNetworks makes the same groups as a look at each pool, for random networks and pools', () => {
  const random = makeRandom(7)
  for (let round = 0; round < 200; round++) {
    const pools = randomNetworks(random, random.below(12))
    const networks = [...new Set(randomNetworks(random, random.below(30)))]
    const poolOf = (cidr: string) =>
      pools.includes(cidr) ? cidr : pools.find((pool) => isCoveredBy(cidr, [pool]))
    const keys = networks.map((cidr) => poolOf(cidr) ?? familyOf(cidr))
    const groups = [...new Set(keys)].map((key) => networks.filter((_, at) => keys[at] === key))
    expect(alikeNetworks(networks, pools)).toEqual(groups)
  }
})

describe('unknownNeighbours', () => {
  it('are nodes in the subnet of the host, while a tunnel is up and only its own pods have routes', () => {
    expect(unknown('vxlan.calico', [near, far])).toEqual({
      tunnel: 'vxlan.calico',
      podCidrs: ['10.42.0.0/16'],
      node: near,
    })
  })

  it('are unknown, too, where the tunnel is known to lead to nodes in other subnets only', () => {
    const farEnds = [{ device: 'flannel.1', gateway: '10.42.3.0', node: far }]
    const toFar = route('10.42.3.0/24', 'flannel.1', '10.42.3.0')
    expect(unknown('flannel.1', [near], [toFar], farEnds)?.node).toBe(near)
    expect(unknown('tunl0', [near], [route('10.42.3.0/26', 'tunl0', far)])?.node).toBe(near)
  })

  it.each([
    ['a route by the guarded interface', route('10.42.2.0/26', 'ens18', near)],
    ['a route by IPIP to a node in the subnet', route('10.42.2.0/26', 'tunl0', near)],
    ['a route by VXLAN to a node that is not known', route('10.42.2.0/26', 'tunl0', '10.42.2.0')],
    ['a tunnel without a gateway, which leads to all', route('10.42.2.0/26', 'wireguard.cali')],
  ])('are known by %s', (_, shown) => {
    expect(unknown('tunl0', [near, far], [shown])).toBeUndefined()
  })

  const farEnds = [{ device: 'flannel.1', gateway: '10.42.2.0', node: near }]
  const toNear = route('10.42.2.0/24', 'flannel.1', '10.42.2.0')

  it('are known where VXLAN leads to a node in the subnet, also for another network of the family', () => {
    const both = ['10.42.0.0/16', '10.50.0.0/16']
    expect(unknown('flannel.1', [near], [], farEnds, both)?.podCidrs).toEqual(both)
    expect(unknown('flannel.1', [near], [toNear], farEnds, both)).toBeUndefined()
  })

  it('are known for each family by itself, where it has a tunnel', () => {
    const both = ['10.42.0.0/16', 'fd42::/56']
    const of = (tunnels: string, ...routes: Routes) =>
      unknown(tunnels, [near], routes, farEnds, both)?.podCidrs
    expect(of('flannel.1', toNear)).toBeUndefined()
    expect(of('flannel.1 flannel-v6.1')).toEqual(both)
    expect(of('flannel.1 flannel-v6.1', toNear)).toEqual(['fd42::/56'])
    const six = route('fd42:0:0:2::/64', 'flannel-v6.1', 'fd42:0:0:2::')
    expect(of('flannel.1 flannel-v6.1', toNear, six)).toBeUndefined()
  })

  it('are known for each pool of Calico by itself, of which the inventory may name parts', () => {
    const pools = ['10.42.0.0/16', '10.50.0.0/16']
    const of = (podCidrs: readonly string[], ...routes: Routes) =>
      unknown('flannel.1', [near], [toNear, ...routes], farEnds, podCidrs, pools)?.podCidrs
    expect(of(pools)).toEqual(['10.50.0.0/16'])
    expect(of(pools, route('10.50.1.10/32', 'cali2'))).toEqual(['10.50.0.0/16'])
    expect(of(pools, route('10.50.2.0/26', 'ens18', near))).toBeUndefined()
    expect(of(['10.42.0.0/17', '10.42.128.0/17'])).toBeUndefined()
    // A pool for nodes in other subnets.
    expect(of(pools, route('10.50.3.0/26', 'tunl0', far))).toBeUndefined()
  })

  it('are none on a single node, with all nodes in other subnets, and without a tunnel', () => {
    expect(unknown('vxlan.calico', [])).toBeUndefined()
    expect(unknown('vxlan.calico', [far])).toBeUndefined()
    expect(unknown('ens19', [near])).toBeUndefined()
  })
})
