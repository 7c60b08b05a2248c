import { describe, expect, it } from 'vitest'
import { formatAddress, parseAddress } from '../../src/ip/ipv4.ts'

describe('parseAddress', () => {
  it.each([
    ['0.0.0.0', 0],
    ['10.42.1.9', 0x0a2a0109],
    ['255.255.255.255', 2 ** 32 - 1],
  ])('reads %s, and formatAddress writes it', (text, address) => {
    expect(parseAddress(text)).toBe(address)
    expect(formatAddress(address)).toBe(text)
  })

  it.each([
    '',
    '10.42.1',
    '10.42.1.9.1',
    '10.42.1.256',
    '10.42.1.',
    '010.42.1.9',
    '0x10.42.1.9',
    '1e1.42.1.9',
    '10.42.1.9 ',
    '-1.42.1.9',
    '10.42.1.9/32',
    'fe80::1',
  ])('takes %j for no address', (text) => {
    expect(parseAddress(text)).toBeUndefined()
  })
})
