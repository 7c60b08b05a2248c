import { describe, expect, it } from 'vitest'
import { resultOf, subject } from '../../subject.ts'

const nothing = '0'.repeat(32)
const route = (to: string, length: string, device: string) =>
  `${to} ${length} ${nothing} 00 ${nothing} 00000400 00000001 00000000 00000001 ${device}`

describe('ipv6-pods', () => {
  it('warns of a pod with an IPv6 address, which the rule does not protect', () => {
    const ipv6 = route('fd420000000000000000000000000010', '80', 'cali1')
    expect(resultOf('ipv6-pods', subject({ texts: { ipv6 } }))).toMatchObject({
      kind: 'warn',
      reason: expect.stringContaining('fd42::10/128'),
      remedy: expect.stringContaining('fw_guard=nft'),
    })
  })

  it.each([
    ['the host forwards no IPv6', ''],
    [
      'only link-local addresses lead to pods',
      route('fe800000000000000000000000000000', '40', 'cali1'),
    ],
    ['only other networks have IPv6', route('fd180000000000000000000000000000', '40', 'ens18')],
  ])('passes where %s', (_, ipv6) => {
    expect(resultOf('ipv6-pods', subject({ texts: { ipv6 } })).kind).toBe('pass')
  })
})
