import { describe, expect, it } from 'vitest'
import { mergeRanges, parseDualRange, uncovered } from '../../src/ip/dual-ranges.ts'
import { maxSetMembers } from '../../src/limits.ts'

const ranges = (...texts: string[]) => texts.flatMap((text) => parseDualRange(text) ?? [])

describe('parseDualRange', () => {
  it('reads addresses, networks and ranges of both families', () => {
    expect(ranges('192.0.2.1-192.0.2.9', 'fd00::1-fd00::9').map(({ family }) => family)).toEqual([
      4, 6,
    ])
  })

  it.each(['', '-', '192.0.2.9-192.0.2.1', '192.0.2.1-fd00::1', '192.0.2.1-', 'ens18'])(
    'refuses %j',
    (text) => expect(parseDualRange(text)).toBeUndefined(),
  )
})

describe('mergeRanges', () => {
  it('joins neighbours and overlaps, and keeps families apart', () => {
    expect(mergeRanges(ranges('10.43.0.0/16', '10.42.0.0/16', '10.42.3.0/24'))).toEqual(
      ranges('10.42.0.0/15')
        .map(({ family, first, last }) => ({ family, first, last }))
        .map((one) => expect.objectContaining(one)),
    )
    expect(mergeRanges(ranges('::/1', '128.0.0.0/1'))).toHaveLength(2)
  })
})

describe('uncovered', () => {
  it('finds what two networks together do not cover', () => {
    expect(uncovered(['10.42.0.0/15', '10.44.0.0/16'], ['10.43.0.0/16', '10.42.0.0/16'])).toEqual([
      '10.44.0.0/16',
    ])
  })

  it('names the addresses of a short range one by one', () => {
    expect(uncovered(['192.0.2.1-192.0.2.3'], ['192.0.2.2'])).toEqual(['192.0.2.1', '192.0.2.3'])
    expect(uncovered(['fd00::1-fd00::2'], ['fd00::1'])).toEqual(['fd00::2'])
  })

  it('tells ranges as they are where they would be more addresses than a set holds', () => {
    const many = Array.from(
      { length: 2000 },
      (_, n) => `10.${n >> 8}.${n & 255}.0-10.${n >> 8}.${n & 255}.255`,
    )
    const told = uncovered(many, [])
    expect(told).toHaveLength(maxSetMembers + many.length - maxSetMembers / 256)
    expect(told.at(-1)).toBe(many.at(-1))
  })

  it('does not take an IPv4 address for an IPv6 one of the same number', () => {
    expect(uncovered(['::c000:201'], ['192.0.2.1'])).toEqual(['::c000:201'])
  })
})
