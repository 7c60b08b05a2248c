import { describe, expect, it } from 'vitest'
import { readRoutes, routesTowards } from '../../src/facts/routes.ts'
import { answerOf } from './answer-of.ts'

const node = `default via 192.0.2.1 dev ens18 proto static metric 100
10.42.0.0/24 via 10.42.0.0 dev flannel.1 onlink
blackhole 10.42.1.0/26 proto bird
10.42.1.10 dev cali0123456789a scope link
10.42.2.0/26 via 192.0.2.13 dev ens18 proto bird src 192.0.2.50
192.0.2.0/24 dev ens18 proto kernel scope link src 192.0.2.11
unreachable 198.51.100.0/24 proto static metric 1024
198.51.100.128/25 dev ens19 proto kernel scope link src 198.51.100.130 linkdown`

describe('readRoutes', () => {
  it('reads routes of every type, with a prefix length for each', () => {
    const routes = readRoutes(answerOf({ routes: node }))
    expect(
      routes.map(({ kind, cidr, via, device, source }) => [kind, cidr, via, device, source]),
    ).toEqual([
      ['unicast', '0.0.0.0/0', '192.0.2.1', 'ens18', undefined],
      ['unicast', '10.42.0.0/24', '10.42.0.0', 'flannel.1', undefined],
      ['blackhole', '10.42.1.0/26', undefined, undefined, undefined],
      ['unicast', '10.42.1.10/32', undefined, 'cali0123456789a', undefined],
      ['unicast', '10.42.2.0/26', '192.0.2.13', 'ens18', '192.0.2.50'],
      ['unicast', '192.0.2.0/24', undefined, 'ens18', '192.0.2.11'],
      ['other', '198.51.100.0/24', undefined, undefined, undefined],
      ['unicast', '198.51.100.128/25', undefined, 'ens19', '198.51.100.130'],
    ])
  })

  it('reads who made a route, for each of its next hops as well', () => {
    expect(readRoutes(answerOf({ routes: node })).map(({ protocol }) => protocol)).toEqual([
      ...['static', undefined, 'bird', undefined, 'bird', 'kernel', 'static', 'kernel'],
    ])
    const hops = `10.42.2.0/26 proto bird \\\tnexthop via 192.0.2.12 dev ens18 weight 1 \\\tnexthop via 192.0.2.13 dev ens18 weight 1 `
    expect(readRoutes(answerOf({ routes: hops })).map(({ protocol }) => protocol)).toEqual([
      'bird',
      'bird',
    ])
  })

  it('reads a route over several next hops as a route for each', () => {
    const text = `default proto static metric 100 \\\tnexthop via 192.0.2.1 dev ens18 weight 1 \\\tnexthop via 198.51.100.129 dev ens19 weight 1 \n10.42.2.0/26 dev ens18 scope link`
    expect(
      readRoutes(answerOf({ routes: text })).map(({ cidr, via, device }) => [cidr, via, device]),
    ).toEqual([
      ['0.0.0.0/0', '192.0.2.1', 'ens18'],
      ['0.0.0.0/0', '198.51.100.129', 'ens19'],
      ['10.42.2.0/26', undefined, 'ens18'],
    ])
  })

  it('takes what the route says for all its next hops, and reads their source where they have their own', () => {
    const text = `10.42.2.0/26 proto bird src 192.0.2.11 \\\tnexthop via 192.0.2.12 dev ens18 weight 1 \\\tnexthop via 192.0.2.13 dev ens19 src 192.0.2.50 weight 1 `
    expect(
      readRoutes(answerOf({ routes: text })).map(({ source, device }) => [source, device]),
    ).toEqual([
      ['192.0.2.11', 'ens18'],
      ['192.0.2.50', 'ens19'],
    ])
  })

  it('survives what it does not know, so that every route that is left can be looked up', () => {
    const text = `multicast 224.0.0.0/4 dev ens18\n10.42.3.0/24 via inet6 fe80::1 dev ens18\nRTNETLINK answers: x\n\n`
    const routes = readRoutes(answerOf({ routes: text }))
    expect(routes.map(({ kind, cidr, via }) => [kind, cidr, via])).toEqual([
      ['other', '224.0.0.0/4', undefined],
      ['unicast', '10.42.3.0/24', undefined],
    ])
    expect(routesTowards('10.42.3.1', routes)).toEqual(routes.slice(1))
  })
})

describe('routesTowards', () => {
  const routes = readRoutes(
    answerOf({
      routes: `${node}\n10.9.0.0/16 proto static \n\tnexthop via 192.0.2.1 dev ens18 weight 1 \n\tnexthop via 198.51.100.129 dev ens19 weight 1`,
    }),
  )

  it.each([
    ['by the longest prefix', '10.42.1.10', ['unicast cali0123456789a']],
    ['by default', '203.0.113.9', ['unicast ens18']],
    ['by every hop', '10.9.1.1', ['unicast ens18', 'unicast ens19']],
    ['nowhere, where the longest prefix throws away', '10.42.1.11', ['blackhole undefined']],
  ])('leads %s', (_, address, expected) => {
    expect(routesTowards(address, routes).map(({ kind, device }) => `${kind} ${device}`)).toEqual(
      expected,
    )
  })

  it('is none without a default route', () => {
    expect(routesTowards('203.0.113.9', routes.slice(1))).toEqual([])
  })
})
