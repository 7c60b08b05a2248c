import { describe, expect, it } from 'vitest'
import { readIpv6Network } from '../../../src/facts/sections/ipv6-network.ts'
import { answerOf } from '../answer-of.ts'

const read = (...lines: readonly string[]) => readIpv6Network(answerOf({ ipv6: lines.join('\n') }))
const nothing = '0'.repeat(32)
const node2 = 'fd000064000000000000000000000012'

describe('readIpv6Network', () => {
  it('reads lasting addresses, as Linux 6.1 prints them', () => {
    const { addresses } = read(
      '00000000000000000000000000000001 01 80 10 80       lo',
      'fd000064000000000000000000000011 02 40 00 80    ens18',
      'fd000064000000000000000000000033 02 40 00 01    ens18',
      'fd000064000000000000000000000044 02 40 00 a0    ens18',
      'fe800000000000005054000000000001 02 40 20 80    ens18',
    )
    expect(addresses).toEqual([
      { device: 'lo', address: '::1' },
      { device: 'ens18', address: 'fd00:64::11' },
    ])
  })

  it('tells from where a host speaks that does not forward IPv6, but nothing that outsiders could reach', () => {
    const line = 'fd000064000000000000000000000011 02 40 00 80    ens18'
    const own = [{ device: 'ens18', address: 'fd00:64::11' }]
    expect(read('not-forwarding', line)).toMatchObject({
      ...{ forwards: false, addresses: [], sources: own },
    })
    expect(read(line)).toMatchObject({ forwards: true, addresses: own, sources: own })
  })

  it('reads temporary addresses of interfaces on which they are preferred as sources', () => {
    const { addresses, temporary } = read(
      'fd000064000000000000000000000011 02 40 00 00    ens18',
      'fd000064000000000000000000000033 02 40 00 01    ens18',
      'fd000064000000000000000000000044 02 40 00 21    ens18',
      'fe800000000000005054000000000001 02 40 20 01    ens18',
      'fd000065000000000000000000000055 03 40 00 01    ens19',
      'prefers ens18',
    )
    expect(addresses).toEqual([{ device: 'ens18', address: 'fd00:64::11' }])
    expect(temporary).toEqual([{ device: 'ens18', address: 'fd00:64::33' }])
  })

  it('reads routes with their gateways, the default route too, and none of the host itself or of one link', () => {
    const { routes } = read(
      `fd420000000000020000000000000000 40 ${nothing} 00 ${node2} 00000400 00000001 00000000 00000003    ens18`,
      `fd420000000000010000000000000010 80 ${nothing} 00 ${nothing} 00000400 00000001 00000000 00000001 cali0123456789a`,
      `${nothing} 00 ${nothing} 00 ${node2} 00000400 00000001 00000000 00000003    ens18`,
      `${nothing} 00 ${nothing} 00 ${nothing} ffffffff 00000001 00000000 00200200       lo`,
      `fd000064000000000000000000000011 80 ${nothing} 00 ${nothing} 00000000 00000003 00000000 80200001    ens18`,
      `fe800000000000000000000000000000 40 ${nothing} 00 ${nothing} 00000100 00000001 00000000 00000001    ens18`,
      `ff000000000000000000000000000000 08 ${nothing} 00 ${nothing} 00000100 00000001 00000000 00000001    ens18`,
    )
    expect(routes.map(({ kind, cidr, via, device }) => [kind, cidr, via, device])).toEqual([
      ['unicast', 'fd42:0:0:2::/64', 'fd00:64::12', 'ens18'],
      ['unicast', 'fd42:0:0:1::10/128', undefined, 'cali0123456789a'],
      ['unicast', '::/0', 'fd00:64::12', 'ens18'],
      ['blackhole', '::/0', undefined, 'lo'],
    ])
  })

  it('knows the routes that the kernel makes with an address', () => {
    const { routes } = read(
      `fd420000000000020000000000000000 40 ${nothing} 00 ${nothing} 00000400 00000001 00000000 00000001      wg0`,
      `fd420000000000ff0000000000000000 40 ${nothing} 00 ${nothing} 00000100 00000001 00000000 00000001      wg0`,
    )
    expect(routes.map(({ protocol }) => protocol)).toEqual([undefined, 'kernel'])
  })

  it('ends on lines that are none', () => {
    expect(read('x', `${'z'.repeat(32)} 80`, '\u0000')).toEqual({
      forwards: true,
      addresses: [],
      sources: [],
      temporary: [],
      routes: [],
    })
  })
})
