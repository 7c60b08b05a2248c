import { describe, expect, it } from 'vitest'
import { freeAddressIn, outsidersOn, subnetsOn } from '../../../src/placement/host/outsiders.ts'
import { type HostOfTest, modelOf } from './model.ts'

/** The outsiders on ens18: those over a router in brackets. */
function outsiders(about: HostOfTest, on = 'ens18'): readonly string[] {
  return outsidersOn(modelOf(about), on).map(({ address, onSubnet }) =>
    onSubnet ? address : `(${address})`,
  )
}

describe('outsidersOn', () => {
  it('finds one on the subnet and one over a router where rules tell none apart', () => {
    expect(outsiders({})).toEqual(['192.0.2.254', '(203.0.113.77)'])
  })

  it.each([
    ['a part of the subnet', 'FORWARD -s 192.0.2.64/28 -j DROP', '192.0.2.65'],
    ['one address', 'FORWARD -s 192.0.2.77/32 -j DROP', '192.0.2.77'],
    ['all but a network', 'FORWARD ! -s 198.51.100.0/24 -j DROP', '(198.51.100.1)'],
  ])('finds one more if a rule names %s', (_, rule, more) => {
    expect(outsiders({ rules: [rule] })).toEqual(['192.0.2.254', '(203.0.113.77)', more])
  })

  it.each([
    ['a member of the set', '192.0.2.12/32'],
    ['an address of the host itself', '192.0.2.11/32'],
    ['pods', '10.42.0.0/16'],
    ['loopback', '127.0.0.0/8'],
    ['this network', '0.0.0.0/8'],
    ['multicast', '224.0.0.0/4'],
    ['reserved addresses', '240.0.0.0/4'],
  ])('finds none among %s', (_, cidr) => {
    expect(outsiders({ rules: [`FORWARD -s ${cidr} -j DROP`] })).toHaveLength(2)
  })

  it('finds none that a route knows behind another interface', () => {
    const rules = ['FORWARD -s 198.51.100.0/24 -j DROP']
    const routes = ['192.0.2.0/24 dev ens18 scope link', '198.51.100.0/24 dev ens19 scope link']
    expect(outsiders({ rules, routes })).toEqual(['192.0.2.254', '(203.0.113.77)'])
    expect(outsiders({ rules, routes }, 'ens19')).toEqual(['198.51.100.254', '(203.0.113.77)'])
  })

  it('finds one over a router of the subnet', () => {
    const routes = [
      '192.0.2.0/24 dev ens18 scope link',
      '198.51.100.0/24 via 192.0.2.1 dev ens18',
      'default via 192.0.2.1 dev ens18',
    ]
    const rules = ['FORWARD -s 198.51.100.0/24 -j DROP']
    expect(outsiders({ rules, routes })).toEqual(['192.0.2.254', '(198.51.100.1)'])
  })
})

describe('freeAddressIn', () => {
  it('takes the last address that is not in use', () => {
    const model = modelOf({
      interfaces: ['ens18 192.0.2.6'],
      routes: ['192.0.2.0/29 dev ens18 scope link', 'default via 192.0.2.5 dev ens18'],
      wanted: { members: ['192.0.2.4'] },
    })
    const [subnet] = subnetsOn(model, 'ens18')
    const whole = subnet ?? { first: 0, last: 0 }
    expect(freeAddressIn(model, whole)).toBe('192.0.2.3')
    expect(freeAddressIn(model, whole, ['192.0.2.3', '192.0.2.2'])).toBe('192.0.2.1')
    expect(freeAddressIn(model, whole, ['192.0.2.3', '192.0.2.2', '192.0.2.1'])).toBeUndefined()
  })
})

describe('subnetsOn', () => {
  it('finds the networks that need no router', () => {
    const model = modelOf({
      routes: [
        '192.0.2.0/24 dev ens18 scope link',
        '198.51.100.0/24 via 192.0.2.1 dev ens18',
        '203.0.113.0/24 dev ens19 scope link',
        '192.0.2.99 dev ens18 scope link',
        'blackhole 10.42.3.0/24',
      ],
    })
    expect(subnetsOn(model, 'ens18')).toMatchObject([{ route: { cidr: '192.0.2.0/24' } }])
  })
})
