import { describe, expect, it } from 'vitest'
import { hasAnswered } from '../../../src/ssh/connect/arp.ts'

const table = `IP address       HW type     Flags       HW address            Mask     Device
192.0.2.11       0x1         0x2         02:fc:00:00:00:11     *        eth0
192.0.2.12       0x1         0x0         00:00:00:00:00:00     *        eth0
192.0.2.13       0x1         0x6         02:fc:00:00:00:13     *        eth0
`

describe('hasAnswered', () => {
  it.each([
    ['192.0.2.11', true],
    ['192.0.2.13', true],
    // Its ARP failed: the host is down.
    ['192.0.2.12', false],
    // Behind a router nothing is known.
    ['192.0.2.1', false],
    ['2001:db8::11', false],
  ])('says of %s: %s', (address, answered) => {
    expect(hasAnswered(address, table)).toBe(answered)
  })

  it('takes nothing for an answer in an empty table', () => {
    expect(hasAnswered('192.0.2.11', '')).toBe(false)
    expect(hasAnswered('', table)).toBe(false)
  })
})
