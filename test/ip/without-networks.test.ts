import { describe, expect, it } from 'vitest'
import { mergeRanges, parseDualRange } from '../../src/ip/dual-ranges.ts'
import { withoutNetworks } from '../../src/ip/without-networks.ts'

describe('withoutNetworks', () => {
  it.each([
    ['10.42.0.0/16', '192.0.2.0/24', ['10.42.0.0/16']],
    ['192.168.0.0/22', '192.168.1.0/24', ['192.168.0.0/24', '192.168.2.0/23']],
    ['192.168.1.0/24', '192.168.0.0/16', []],
    ['192.168.1.0/24', '192.168.1.0/24', []],
    ['0.0.0.0/0', '128.0.0.0/1', ['0.0.0.0/1']],
    ['10.0.0.0/31', '10.0.0.1', ['10.0.0.0/32']],
    ['fd42::/62', 'fd42:0:0:3::/64', ['fd42::/63', 'fd42:0:0:2::/64']],
    ['fd42::/62', '10.0.0.0/8', ['fd42::/62']],
  ])('%s without %s', (one, other, left) => {
    expect(withoutNetworks([one], [other])).toEqual(left)
  })

  it('leaves networks that, with the others, are the whole again', () => {
    const others = ['192.168.1.0/24', '192.168.56.0/26', '192.168.255.255/32']
    const left = withoutNetworks(['192.168.0.0/16', '10.42.0.0/16'], others)
    const whole = (texts: readonly string[]) =>
      mergeRanges(texts.flatMap((text) => parseDualRange(text) ?? [])).map(({ first, last }) => [
        first,
        last,
      ])
    expect(whole([...left, ...others])).toEqual(whole(['192.168.0.0/16', '10.42.0.0/16']))
    for (const other of others) expect(withoutNetworks([other], left)).toEqual([other])
  })
})
