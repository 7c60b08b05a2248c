import { describe, expect, it } from 'vitest'
import { networkTest, within } from '../../../src/flow/walking/packet-address.ts'
import { parseAddress } from '../../../src/ip/ipv4.ts'

function range(first: string, last: string): { first: number; last: number } {
  return { first: parseAddress(first) ?? -1, last: parseAddress(last) ?? -1 }
}

describe('within', () => {
  const whole = range('10.0.0.10', '10.0.0.20')
  it.each([
    ['10.0.0.10', '10.0.0.20', 'yes'],
    ['10.0.0.9', '10.0.0.20', 'maybe'],
    ['10.0.0.10', '10.0.0.21', 'maybe'],
    ['10.0.0.20', '10.0.0.21', 'maybe'],
    ['10.0.0.1', '10.0.0.9', 'no'],
    ['10.0.0.21', '10.0.0.30', 'no'],
  ])('says of %s to %s: %s', (first, last, answer) => {
    expect(within(range(first, last), whole)).toBe(answer)
  })
})

describe('networkTest', () => {
  it.each([
    ['10.0.1.0/255.0.255.0', '10.9.1.7', 'yes'],
    ['10.0.1.0/255.0.255.0', '10.9.2.7', 'no'],
    ['10.0.1.0/255.0.255.0', '10.9.1.0/24', 'maybe'],
    ['10.0.0.0/8', undefined, 'maybe'],
    ['0.0.0.0/0', undefined, 'yes'],
    ['fe80::/10', '10.0.0.1', 'maybe'],
    ['10.0.0.0/8', 'nonsense', 'maybe'],
  ])('tells whether %s has %s: %s', (network, address, answer) => {
    expect(networkTest(network)(address)).toBe(answer)
  })
})
