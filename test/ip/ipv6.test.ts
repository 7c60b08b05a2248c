import { describe, expect, it } from 'vitest'
import { parseIpv6, specialPurposeOfIpv6 } from '../../src/ip/ipv6.ts'

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
