import { describe, expect, it } from 'vitest'
import { firstIndex } from '../../src/ip/first-index.ts'
import { parseAddress } from '../../src/ip/ipv4.ts'
import { contains, formatNetwork, parseNetwork, parseRange } from '../../src/ip/ipv4-ranges.ts'

function range(first: string, last: string): { first: number; last: number } {
  return { first: parseAddress(first) ?? -1, last: parseAddress(last) ?? -1 }
}

describe('parseRange', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1', '10.0.0.1'],
    ['10.0.0.0/8', '10.0.0.0', '10.255.255.255'],
    ['10.1.2.3/8', '10.0.0.0', '10.255.255.255'],
    ['10.0.0.0/255.255.0.0', '10.0.0.0', '10.0.255.255'],
    ['0.0.0.0/0', '0.0.0.0', '255.255.255.255'],
    ['10.0.0.0/0.0.0.0', '0.0.0.0', '255.255.255.255'],
    ['255.255.255.255/32', '255.255.255.255', '255.255.255.255'],
    ['10.0.0.1-10.0.0.9', '10.0.0.1', '10.0.0.9'],
    ['10.0.0.1-10.0.0.1', '10.0.0.1', '10.0.0.1'],
  ])('reads %s', (text, first, last) => {
    expect(parseRange(text)).toMatchObject(range(first, last))
  })

  it.each([
    '',
    '-',
    '/',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/08',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0.0/255.0.255.0',
    '10.0.0.9-10.0.0.1',
    '10.0.0.1-',
    'default',
  ])('reads no range in %j', (text) => {
    expect(parseRange(text)).toBeUndefined()
  })
})

describe('parseNetwork', () => {
  it('knows the length of its prefix, and writes itself without bits behind that', () => {
    const network = parseNetwork('10.42.3.7/23')
    expect(network?.length).toBe(23)
    expect(network && formatNetwork(network)).toBe('10.42.2.0/23')
    expect(parseNetwork('10.42.3.7')?.length).toBe(32)
    expect(parseNetwork('10.0.0.1-10.0.0.9')).toBeUndefined()
  })
})

describe('contains', () => {
  const whole = range('10.0.0.10', '10.0.0.20')
  it.each([
    ['10.0.0.10', '10.0.0.20', true],
    ['10.0.0.9', '10.0.0.20', false],
    ['10.0.0.10', '10.0.0.21', false],
    ['10.0.0.20', '10.0.0.21', false],
    ['10.0.0.1', '10.0.0.9', false],
  ])('says of %s to %s: %s', (first, last, inside) => {
    expect(contains(whole, range(first, last))).toBe(inside)
  })
})

describe('firstIndex', () => {
  it('finds where a condition begins to hold, at every place and at none', () => {
    for (let length = 0; length < 9; length++) {
      for (let first = 0; first <= length; first++) {
        expect(firstIndex(length, (index) => index >= first)).toBe(first)
      }
    }
  })
})
