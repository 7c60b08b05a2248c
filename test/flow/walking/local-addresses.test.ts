import { describe, expect, it } from 'vitest'
import { isBroadcast, isLocal } from '../../../src/flow/walking/local-addresses.ts'
import { parseRange, type Range } from '../../../src/ip/ipv4-ranges.ts'
import { worldOf } from '../asked.ts'

function of(text: string): Range {
  const range = parseRange(text)
  if (!range) throw new Error(`no range: ${text}`)
  return range
}

describe('isLocal', () => {
  const world = worldOf('', {
    localAddresses: ['10.0.0.5', '10.0.0.6', '10.0.0.8', '10.0.0.1', '10.0.0.1'],
  })
  it.each([
    ['10.0.0.0', 'no'],
    ['10.0.0.1', 'yes'],
    ['10.0.0.2', 'no'],
    ['10.0.0.5-10.0.0.6', 'yes'],
    ['10.0.0.6', 'yes'],
    ['10.0.0.7', 'no'],
    ['10.0.0.2-10.0.0.5', 'maybe'],
    ['10.0.0.0/24', 'maybe'],
    ['127.1.2.3', 'yes'],
    ['128.0.0.0', 'no'],
  ])('says of %s: %s', (text, answer) => {
    expect(isLocal(of(text), world)).toBe(answer)
  })

  it('is in doubt about every other address where one could not be read', () => {
    const unread = worldOf('', { localAddresses: ['10.0.0.5', 'fe80::1'] })
    expect(isLocal(of('10.0.0.5'), unread)).toBe('yes')
    expect(isLocal(of('10.0.0.9'), unread)).toBe('maybe')
  })
})

describe('isBroadcast', () => {
  const world = worldOf('', { broadcastAddresses: ['10.0.0.255'] })
  it.each([
    ['10.0.0.255', 'yes'],
    ['10.0.0.254', 'no'],
    ['255.255.255.255', 'yes'],
    ['255.255.255.254', 'no'],
    ['0.1.2.3', 'yes'],
    ['1.0.0.0', 'no'],
  ])('says of %s: %s', (text, answer) => {
    expect(isBroadcast(of(text), world)).toBe(answer)
  })

  it('is in doubt where the broadcast addresses are not known, but for those that are always', () => {
    expect(isBroadcast(of('10.0.0.255'), worldOf())).toBe('maybe')
    expect(isBroadcast(of('255.255.255.255'), worldOf())).toBe('yes')
  })
})
