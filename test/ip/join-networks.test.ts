import { describe, expect, it } from 'vitest'
import { joinNetworks } from '../../src/ip/join-networks.ts'

describe('joinNetworks', () => {
  it.each([
    ['halves', ['10.42.1.0/24', '10.42.0.0/24'], ['10.42.0.0/23']],
    [
      'halves of halves',
      ['10.42.3.0/24', '10.42.0.0/24', '10.42.2.0/24', '10.42.1.0/24'],
      ['10.42.0.0/22'],
    ],
    [
      'no neighbours that are not halves of one network',
      ['10.42.1.0/24', '10.42.2.0/24'],
      ['10.42.1.0/24', '10.42.2.0/24'],
    ],
    [
      'what lies in another',
      ['10.42.1.0/24', '10.42.0.0/16', '10.42.0.0/24', '10.42.255.0/24'],
      ['10.42.0.0/16'],
    ],
    ['the halves of all', ['128.0.0.0/1', '0.0.0.0/1'], ['0.0.0.0/0']],
    [
      'each family for itself',
      ['fd42:0:0:1::/64', '10.42.0.0/24', 'fd42::/64'],
      ['10.42.0.0/24', 'fd42::/63'],
    ],
    ['nothing', [], []],
  ])('joins %s', (_, networks, joined) => {
    expect(joinNetworks(networks)).toEqual(joined)
  })
})
