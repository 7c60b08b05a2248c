import { describe, expect, it } from 'vitest'
import { type Peers, sourcesTowards } from '../../src/facts/peers.ts'
import { readRoutes, routesTowards } from '../../src/facts/routes.ts'
import { formatAddress } from '../../src/ip/ipv4.ts'
import { makeRandom } from '../random.ts'
import { answerOf } from './answer-of.ts'

const node = `default via 192.0.2.1 dev ens18 proto static metric 100
blackhole 10.42.1.0/26 proto bird
10.42.2.0/26 via 192.0.2.13 dev ens18 proto bird src 192.0.2.50
192.0.2.0/24 dev ens18 proto kernel scope link src 192.0.2.11
unreachable 198.51.100.0/24 proto static metric 1024
198.51.100.128/25 dev ens19 proto kernel scope link src 198.51.100.130 linkdown`

const interfaces = [
  { name: 'ens18', up: true, addresses: ['192.0.2.11', '192.0.2.50'] },
  { name: 'ens19', up: false, addresses: ['198.51.100.130'] },
]

function peers(...all: readonly string[]): Peers {
  return { all, own: undefined }
}

describe('sourcesTowards', () => {
  it.each([
    ['another host on the subnet', '192.0.2.12', '192.0.2.11'],
    ['a route with a source of its own', '10.42.2.7', '192.0.2.50'],
    ['the longest prefix, not the first', '198.51.100.200', '198.51.100.130'],
    ['the default route: the first address of its interface', '203.0.113.9', '192.0.2.11'],
  ])('finds the address by %s', (_, peer, source) => {
    const routes = readRoutes(answerOf({ routes: node }))
    expect(sourcesTowards(peers(peer), routes, interfaces)).toEqual([source])
  })

  it('tells nothing where no route leads, and each address once', () => {
    const routes = readRoutes(
      answerOf({ routes: '192.0.2.0/24 dev ens18 src 192.0.2.11\nblackhole 10.0.0.0/8' }),
    )
    const sources = (...all: readonly string[]) => sourcesTowards(peers(...all), routes, interfaces)
    expect(sources('10.1.1.1', '203.0.113.1')).toEqual([])
    expect(sources('192.0.2.12', '192.0.2.13')).toEqual(['192.0.2.11'])
  })

  it.each([
    ['in whose subnet the gateway is', '198.51.100.1', '198.51.100.9'],
    ['that is the first if the gateway is in no subnet', '10.9.9.9', '192.0.2.11'],
  ])('finds the address of two on one interface %s', (_, gateway, source) => {
    const routes = readRoutes(
      answerOf({
        routes: `192.0.2.0/24 dev ens18 proto kernel scope link src 192.0.2.11
198.51.100.0/24 dev ens19 proto kernel scope link src 192.0.2.77
198.51.100.0/24 dev ens18 proto kernel scope link src 198.51.100.9
10.0.0.0/8 via ${gateway} dev ens18 onlink`,
      }),
    )
    const ens18 = { name: 'ens18', up: true, addresses: ['192.0.2.11', '198.51.100.9'] }
    expect(sourcesTowards(peers('10.1.1.1'), routes, [ens18])).toEqual([source])
  })

  it('finds the addresses by all next hops of the first of several routes', () => {
    const text = `192.0.2.0/24 dev ens18 src 192.0.2.11
10.0.0.0/8 proto bird \\\tnexthop via 192.0.2.1 dev ens18 weight 1 \\\tnexthop via 198.51.100.129 dev ens19 weight 1
10.0.0.0/8 via 203.0.113.1 dev ens20 metric 100`
    const ens20 = { name: 'ens20', up: true, addresses: ['203.0.113.9'] }
    const towards = (routes: string) =>
      sourcesTowards(peers('10.1.1.1', '192.0.2.12'), readRoutes(answerOf({ routes })), [
        ...interfaces,
        ens20,
      ])
    expect(towards(text)).toEqual(['192.0.2.11', '198.51.100.130'])
    // With an address of its own, the route gives it to packets over each next hop.
    expect(towards(text.replace('bird', 'bird src 192.0.2.50'))).toEqual([
      '192.0.2.50',
      '192.0.2.11',
    ])
  })

  it('does not ask for the way to the host itself', () => {
    const routes = readRoutes(answerOf({ routes: node }))
    const all = ['192.0.2.12', '198.51.100.200']
    expect(sourcesTowards({ all, own: '198.51.100.200' }, routes, interfaces)).toEqual([
      '192.0.2.11',
    ])
  })

  it('finds the same as looking up each peer on its own, whatever the routes', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const { below } = makeRandom(seed)
      const address = () => formatAddress(0x0a000000 + below(256))
      const lines = Array.from({ length: 1 + below(8) }, (_, i) => {
        const cidr = below(6) === 0 ? 'default' : `${address()}/${24 + below(9)}`
        return `${below(8) === 0 ? 'blackhole ' : ''}${cidr} dev eth${i} src 192.0.2.${i}`
      })
      const routes = readRoutes(answerOf({ routes: lines.join('\n') }))
      const unicast = routes.filter(({ kind }) => kind === 'unicast')
      const all = [...new Set(Array.from({ length: below(12) }, address))]
      const own = all[below(16)]
      const oneByOne = all
        .filter((peer) => peer !== own)
        .flatMap((peer) => routesTowards(peer, unicast)[0]?.source ?? [])
      const found = sourcesTowards({ all, own }, routes, [])
      expect([...found].sort(), `seed ${seed}`).toEqual([...new Set(oneByOne)].sort())
    }
  })
})
