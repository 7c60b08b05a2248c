import { SocketAddress } from 'node:net'
import { describe, expect, it } from 'vitest'
import { dualContains, dualOverlaps, formatDual, parseDual } from '../../src/ip/dual.ts'
import { oddTexts } from '../odd-texts.ts'
import { makeRandom } from '../random.ts'

function network(text: string) {
  const found = parseDual(text)
  if (!found) throw new Error(`no network: ${text}`)
  return found
}

describe(parseDual.name, () => {
  it.each([
    ['10.0.0.1', 4, '10.0.0.1', 32],
    ['10.1.2.3/8', 4, '10.0.0.0/8', 8],
    ['10.0.0.0/255.255.0.0', 4, '10.0.0.0/16', 16],
    ['0.0.0.0/0', 4, '0.0.0.0/0', 0],
    ['10.0.0.1/32', 4, '10.0.0.1', 32],
    ['FD00:0:0::0001', 6, 'fd00::1', 128],
    ['fd00::1/128', 6, 'fd00::1', 128],
    ['fd00:0:0:100:1::/56', 6, 'fd00:0:0:100::/56', 56],
    ['fd00:0:0:1ff::/55', 6, 'fd00::/55', 55],
    ['::/0', 6, '::/0', 0],
    ['::', 6, '::', 128],
    ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/1', 6, '8000::/1', 1],
    ['::ffff:c000:201', 6, '::ffff:c000:201', 128],
  ] as const)('reads %s', (text, family, canonical, length) => {
    const found = network(text)
    expect(found).toMatchObject({ family, length })
    expect(formatDual(found)).toBe(canonical)
    expect(found.last - found.first + 1n).toBe(2n ** BigInt((family === 4 ? 32 : 128) - length))
  })

  it.each([
    '',
    '/',
    ':',
    'fd00:1',
    'fd00::1::2',
    'fd00::12345',
    '1:2:3:4:5:6:7:8:9',
    '[fd00::1]',
    ' fd00::1',
    'fe80::1%ens18',
    '::ffff:192.0.2.1',
    '64:ff9b::192.0.2.1',
    'fd00::/129',
    'fd00::/056',
    'fd00::/',
    'fd00::/ffff::',
    'fd00::/56/56',
    '10.0.0.0/33',
    '10.0.0.1-10.0.0.9',
    'node1',
  ])('reads no network in %j', (text) => {
    expect(parseDual(text)).toBeUndefined()
  })

  it('takes no longer than its text, however odd that is', () => {
    const seed = 7
    for (const text of oddTexts('fd00:18::1:2/56', ['::', 'ffff', '%', '.'], seed)) {
      if (text.length > 100) expect(parseDual(text)).toBeUndefined()
    }
  })
})

describe(formatDual.name, () => {
  it.each([
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['10:0:0:0:0:0:0:1', '10::1'],
    ['1:2:3:4:5:6:0:0', '1:2:3:4:5:6::'],
    ['0:0:3:4:5:6:7:8', '::3:4:5:6:7:8'],
    ['2001:0DB8::00a0:0ABC', '2001:db8::a0:abc'],
  ])('writes %s as RFC 5952 says: %s', (text, canonical) => {
    expect(formatDual(network(text))).toBe(canonical)
  })

  it('writes what it read, and as the C library does', () => {
    const random = makeRandom(52)
    for (let round = 0; round < 2000; round++) {
      // A first group that is no zero: the C library writes some addresses without it as IPv4.
      const rest = Array.from({ length: 7 }, () => (random.chance(0.5) ? 0 : random.below(65_536)))
      const text = [0xfd00, ...rest].map((group) => group.toString(16)).join(':')
      const written = formatDual(network(text))
      expect(written).toBe(new SocketAddress({ address: text, family: 'ipv6' }).address)
      expect(network(written)).toEqual(network(text))
    }
  })
})

describe('dualContains and dualOverlaps', () => {
  it.each([
    ['10.0.0.0/8', '10.255.255.255', true, true],
    ['10.0.0.0/8', '11.0.0.0', false, false],
    ['10.0.0.0/16', '10.0.0.0/8', false, true],
    ['fd00::/56', 'fd00:0:0:ff::/64', true, true],
    ['fd00::/56', 'fd00:0:0:100::/64', false, false],
    ['fd00::/56', 'fd00::/56', true, true],
    ['fd00::/64', 'fd00::/56', false, true],
    ['::/0', '10.0.0.1', false, false],
    ['0.0.0.0/0', '::a00:1', false, false],
  ])('say of %s and %s: %s, %s', (whole, part, contains, overlaps) => {
    expect(dualContains(network(whole), network(part))).toBe(contains)
    expect(dualOverlaps(network(whole), network(part))).toBe(overlaps)
    expect(dualOverlaps(network(part), network(whole))).toBe(overlaps)
  })
})
