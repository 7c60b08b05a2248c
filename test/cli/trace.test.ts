import { describe, expect, it } from 'vitest'
import { parseArguments } from '../../src/cli/parse-arguments.ts'
import { isolate, printedSoFar } from './isolate.ts'

isolate()

const least = '--in ens18 --from 192.0.2.66 --to 10.42.1.10'

function parse(words: string): ReturnType<typeof parseArguments> {
  return parseArguments(`trace -i h ${words}`.split(' '))
}

describe('parseArguments of trace', () => {
  it('reads a host and the least of a packet, which is new', () => {
    expect(parse(`node1 ${least}`)).toMatchObject({
      kind: 'invocation',
      invocation: {
        command: { name: 'trace' },
        settings: {
          trace: {
            host: 'node1',
            arrival: {
              in: 'ens18',
              out: undefined,
              source: '192.0.2.66',
              destination: '10.42.1.10',
              protocol: undefined,
              sourcePort: undefined,
              destinationPort: undefined,
              state: 'NEW',
            },
          },
        },
      },
    })
  })

  it('reads all of a packet, the host last', () => {
    const words = `${least} --out cali1 --proto udp --sport 0 --dport 65535 --state RELATED node1`
    expect(parse(words)).toMatchObject({
      invocation: {
        settings: {
          trace: {
            host: 'node1',
            arrival: {
              out: 'cali1',
              protocol: 'udp',
              sourcePort: 0,
              destinationPort: 65535,
              state: 'RELATED',
            },
          },
        },
      },
    })
  })

  it.each([
    ['no host', least, /host/],
    ['two hosts', `node1 node2 ${least}`, /unexpected word 'node2'/],
    ['no interface', 'node1 --from 192.0.2.66 --to 10.42.1.10', /--in/],
    ['no source', 'node1 --in ens18 --to 10.42.1.10', /--from/],
    ['no destination', 'node1 --in ens18 --from 192.0.2.66', /--to/],
    ['an interface that is none', `node1 ${least.replace('ens18', 'ens/18')}`, /not a network/],
    ['an interface with a wildcard', `node1 ${least} --out cali+`, /wildcard/],
    ['a pattern of interfaces', `node1 ${least} --out cali*`, /wildcard/],
    ['an address that is none', `node1 ${least.replace('.66', '.666')}`, /IPv4/],
    ['an IPv6 address', `node1 ${least.replace('10.42.1.10', 'fd00::1')}`, /IPv4/],
    ['a multicast address', `node1 ${least.replace('10.42.1.10', '224.0.0.1')}`, /IPv4/],
    ['an unknown protocol', `node1 ${least} --proto gre`, /tcp/],
    ['an unknown state', `node1 ${least} --state new`, /NEW/],
    ['a port without protocol', `node1 ${least} --dport 80`, /--proto/],
    ['a port of icmp', `node1 ${least} --proto icmp --sport 80`, /--proto/],
    ['a port too high', `node1 ${least} --proto tcp --dport 65536`, /65535/],
    ['a port in words', `node1 ${least} --proto tcp --dport http`, /65535/],
    ['a limit', `node1 ${least} --limit node1`, /unknown option/],
  ])('is bad usage: %s', (_, words, said) => {
    expect(parse(words)).toMatchObject({ kind: 'ended', exitCode: 5 })
    expect(printedSoFar()).toMatch(said)
  })
})
