import { expect, it } from 'vitest'
import { ofFamily } from '../../../src/ip/dual.ts'
import { isCoveredBy } from '../../../src/ip/dual-ranges.ts'
import { randomNetworks } from '../../ip/random-networks.ts'
import { makeRandom, type Random } from '../../random.ts'
import { nftSubject, resultOf } from '../subject.ts'

const rounds = Array.from({ length: 40 }, (_, round) => round)

it('closed-networks warns of a part of the subnet as a look at each route does, for random networks', () => {
  const random = makeRandom(7)
  const kinds = rounds.map(() => {
    const [part = ''] = networks(random, 1, 15)
    const routes = networks(random, 6, 0)
    const texts = {
      addresses: '2: ens18    inet 10.200.0.11/8 scope global ens18',
      routes: ['10.0.0.0/8 dev ens18', ...routes.map((cidr) => `${cidr} dev ens19`)].join('\n'),
    }
    const { kind } = resultOf(
      'closed-networks',
      nftSubject({
        texts,
        intent: { podCidrs: ['172.16.0.0/16'], otherPods: [part], serviceCidrs: [] },
      }),
    )
    const isShown = routes.some((cidr) => isCoveredBy(cidr, [part]))
    expect(kind).toBe(isCoveredBy(part, ['10.0.0.0/8']) && !isShown ? 'warn' : 'pass')
    return kind
  })
  expect(new Set(kinds)).toEqual(new Set(['pass', 'warn']))
})

it('known-nodes finds the nodes behind pods as a look at each pod network does, for random networks', () => {
  const random = makeRandom(7)
  const found = rounds.map(() => {
    const otherPods = networks(random, 4, 8)
    const routes = networks(random, 6, 8).map((cidr, at) => ({ cidr, via: `192.0.2.${100 + at}` }))
    const lines = routes.map(({ cidr, via }) => `${cidr} via ${via} dev ens18`)
    const about = nftSubject({
      texts: { routes: ['192.0.2.0/24 dev ens18', ...lines].join('\n') },
      intent: { podCidrs: ['172.16.0.0/16'], otherPods },
    })
    const nodes = routes
      .filter(({ cidr }) => otherPods.some((pods) => isCoveredBy(cidr, [pods])))
      .map(({ via }) => via)
    const { reason = '' } = { reason: '', ...resultOf('known-nodes', about) }
    expect(reason.match(/192\.0\.2\.1\d\d/g) ?? []).toEqual(nodes)
    return nodes.length
  })
  expect(new Set(found).size).toBeGreaterThan(2)
})

/** Different networks of IPv4 that are not wider than a length. */
function networks(random: Random, count: number, least: number): readonly string[] {
  const found: string[] = []
  while (found.length === 0)
    found.push(
      ...ofFamily(randomNetworks(random, count), 4).filter(
        (cidr) => Number(cidr.split('/')[1]) >= least,
      ),
    )
  return [...new Set(found)]
}
