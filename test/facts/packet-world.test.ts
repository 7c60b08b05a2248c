import { describe, expect, it } from 'vitest'
import { lookUpRoute, worldOf } from '../../src/facts/packet-world.ts'
import { answerOf } from './answer-of.ts'
import { factsOf } from './facts-of.ts'
import { readValue } from './read-value.ts'

const facts = factsOf(
  answerOf({
    links: '1: lo: <UP>\n2: ens18: <UP>\n3: ens19: <UP>',
    addresses: '2: ens18    inet 192.0.2.11/24\n3: ens19    inet 198.51.100.2/24',
    routes: `10.42.1.10 dev cali1 scope link
10.9.0.0/16 proto static \n\tnexthop via 192.0.2.1 dev ens18 weight 1 \n\tnexthop via 198.51.100.1 dev ens19 weight 1
10.8.0.0/16 proto static \n\tnexthop via 192.0.2.1 dev ens18 weight 1 \n\tnexthop via 192.0.2.2 dev ens18 weight 1
blackhole 10.7.0.0/16`,
    rules: '*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT',
    sets: 'create s hash:ip family inet',
    table: '',
    fingerprint: '1 2',
  }),
)

const network = readValue(facts.network)

describe('lookUpRoute', () => {
  it.each([
    ['10.42.1.10', { kind: 'device', device: 'cali1' }],
    ['10.8.1.1', { kind: 'device', device: 'ens18' }],
    [
      '10.7.1.1',
      {
        kind: 'unroutable',
        reason: 'the route 10.7.0.0/16 forwards no packets (for example a blackhole)',
      },
    ],
    ['203.0.113.1', { kind: 'unroutable', reason: 'no route leads to 203.0.113.1' }],
  ])('says where packets to %s leave', (destination, found) => {
    expect(lookUpRoute(network)(destination)).toEqual(found)
  })

  it('knows no device where several share the packets', () => {
    expect(lookUpRoute(network)('10.9.1.1')).toEqual({ kind: 'device', device: undefined })
  })
})

describe('worldOf', () => {
  it('has the sets, the addresses and the routes of the host', () => {
    const world = worldOf(network, readValue(facts.state))
    expect([...world.sets.keys()]).toEqual(['s'])
    expect(world.localAddresses).toEqual(['192.0.2.11', '198.51.100.2'])
    expect(world.devicesTowards?.('10.9.1.1')).toEqual(['ens18', 'ens19'])
  })
})
