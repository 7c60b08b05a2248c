import { describe, expect, it } from 'vitest'
import { describeChoice } from '../../src/prompt/interface.ts'

describe('describeChoice', () => {
  it.each([
    [{ addresses: ['192.0.2.1'], carriers: 0 }, 'eth0: on 2 of 3 hosts: 192.0.2.1'],
    [
      { addresses: ['192.0.2.1', '192.0.2.1'], carriers: 1 },
      'eth0: on 2 of 3 hosts (1 with the address in the inventory): 192.0.2.1',
    ],
    [
      { addresses: ['192.0.2.1', '192.0.2.2'], carriers: 2 },
      'eth0: on 2 of 3 hosts (2 with the address in the inventory): 192.0.2.1, …',
    ],
  ])('says of %j: %s', (more, text) => {
    expect(describeChoice({ name: 'eth0', hosts: 2, ...more }, 3)).toBe(text)
  })
})
