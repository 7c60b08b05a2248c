import { expect, it } from 'vitest'
import { type DualNetwork, dualContains, parseDual } from '../../src/ip/dual.ts'
import { indexNetworks } from '../../src/ip/network-index.ts'
import { makeRandom } from '../random.ts'
import { randomNetworks } from './random-networks.ts'

it('indexNetworks finds the networks within and around a network, the smallest around it first', () => {
  const texts = [
    ...['0.0.0.0/0', '::/0', '10.0.0.0/8', '10.42.0.0/16', '10.42.1.0/24', '10.42.1.0/24'],
    ...['10.42.0.0/24', '10.42.1.7/32', '10.42.255.255', '10.43.0.0/16', '9.255.255.255'],
    ...['fd42::/48', 'fd42:0:0:1::/64', 'fd42::7', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ]
  const networks = texts.map((text) => ({ ...read(text), text }))
  const index = indexNetworks(networks)
  const asked = [...texts, '10.42.1.0/25', '10.42.0.0/15', '192.0.2.1', 'fd42::/47', 'fe80::/10']
  for (const network of asked.map(read)) {
    const within = networks.filter((one) => dualContains(network, one))
    const around = networks.filter((one) => dualContains(one, network))
    expect(new Set(index.within(network))).toEqual(new Set(within))
    expect(index.around(network)).toEqual(around.sort((a, b) => b.length - a.length))
  }
  expect(indexNetworks([]).within(read('::/0'))).toEqual([])
})

it('indexNetworks finds the same as a look at each of some random networks', () => {
  const random = makeRandom(7)
  for (let round = 0; round < 100; round++) {
    const networks = randomNetworks(random, random.below(40)).map(read)
    const index = indexNetworks(networks)
    for (const network of [...networks, ...randomNetworks(random, 20).map(read)]) {
      const within = networks.filter((one) => dualContains(network, one))
      const around = networks.filter((one) => dualContains(one, network))
      expect(index.within(network).toSorted(byLength)).toEqual(within.toSorted(byLength))
      expect(index.around(network)).toEqual(around.toSorted(byLength).reverse())
    }
  }
})

function byLength(a: DualNetwork, b: DualNetwork): number {
  return a.length - b.length || Number(a.first - b.first)
}

function read(text: string): DualNetwork {
  const network = parseDual(text)
  if (!network) throw new Error(text)
  return network
}
