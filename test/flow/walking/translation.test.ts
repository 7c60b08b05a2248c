import { describe, expect, it } from 'vitest'
import { translated } from '../../../src/flow/walking/translation.ts'
import { outsider } from '../asked.ts'

describe('translated', () => {
  it.each([
    ['10.42.2.7:80', '10.42.2.7', 80],
    ['10.42.2.7', '10.42.2.7', 8080],
    [':80', '10.42.1.10', 80],
    ['10.42.2.7:80-90', '10.42.2.7', undefined],
    ['10.42.2.7-10.42.2.9', '10.42.2.7-10.42.2.9', 8080],
    ['10.42.2.0/24', '10.42.2.10', 8080],
    ['10.42.2.128/25', '10.42.2.138', 8080],
    [undefined, undefined, 8080],
    ['nonsense', undefined, 8080],
    ['10.42.1.10', '10.42.1.10', 8080, false],
    ['10.42.1.10:8080', '10.42.1.10', 8080, false],
    ['10.42.1.10:80', '10.42.1.10', 80],
    ['10.42.1.10:8000-8100', '10.42.1.10', undefined],
    ['10.42.1.1-10.42.1.20', '10.42.1.1-10.42.1.20', 8080],
  ])('sends a packet to %s', (to, destination, destinationPort, ...dnat) => {
    expect(translated(outsider(), to)).toMatchObject({
      destination,
      destinationPort,
      // The kernel does not call it translated where it goes where it went anyway.
      dnat: dnat.length > 0 ? dnat[0] : true,
      originalDestination: '10.42.1.10',
      originalDestinationPort: 8080,
    })
  })
})
