import { describe, expect, it } from 'vitest'
import { parseAddress } from '../../src/ip/ipv4.ts'
import { parseIpv6 } from '../../src/ip/ipv6.ts'
import { specialPurpose, specialPurposeOfIpv6 } from '../../src/ip/special-purpose.ts'

describe(specialPurposeOfIpv6.name, () => {
  it.each([
    ['::', 'unspecified'],
    ['::1', 'loopback'],
    ['::2', undefined],
    ['::ffff:0:0', 'IPv4-mapped'],
    ['::ffff:ffff:ffff', 'IPv4-mapped'],
    ['::1:0:0:0', undefined],
    ['fd00::1', undefined],
    ['fe7f:ffff::', undefined],
    ['fe80::', 'link-local'],
    ['febf:ffff::1', 'link-local'],
    ['fec0::', undefined],
    ['feff::', undefined],
    ['ff00::', 'multicast'],
    ['ffff::', 'multicast'],
  ])('says what %s is for: %s', (text, purpose) => {
    expect(specialPurposeOfIpv6(parseIpv6(text) ?? -1n)).toBe(purpose)
  })
})

describe('specialPurpose', () => {
  it.each([
    ['0.0.0.0', 'unspecified'],
    ['0.255.255.255', 'unspecified'],
    ['1.0.0.0', undefined],
    ['126.255.255.255', undefined],
    ['127.0.0.1', 'loopback'],
    ['128.0.0.0', undefined],
    ['223.255.255.255', undefined],
    ['224.0.0.0', 'multicast'],
    ['239.255.255.255', 'multicast'],
    ['240.0.0.0', undefined],
    ['255.255.255.254', undefined],
    ['255.255.255.255', 'broadcast'],
  ])('says what %s is for: %s', (text, purpose) => {
    expect(specialPurpose(parseAddress(text) ?? -1)).toBe(purpose)
  })
})
