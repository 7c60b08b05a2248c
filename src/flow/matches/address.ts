import { parseRange } from '../../ip/ipv4-ranges.ts'
import type { Option } from '../../iptables/rule.ts'
import { someOf } from '../ternary.ts'
import { networkTest, rangeOf, within } from '../walking/packet-address.ts'
import { everyOption, type Predicate, unknowable } from './predicate.ts'

/** Reads the value of `-s` or `-d`: an address, a network, an address with any mask, or a list of these. */
export function readAddress(side: 'source' | 'destination', cidr: string): Predicate {
  const networks = cidr.split(',')
  // iptables makes a rule for each item, so it prints no lists.
  if (networks.length > 10) return unknowable
  const tests = networks.map(networkTest)
  const [only] = tests
  if (only && tests.length === 1) return (packet) => only(packet[side])
  return (packet) => someOf(tests, (test) => test(packet[side]))
}

/** Reads the options of `-m iprange`. */
export function readIprange(options: readonly Option[]): Predicate {
  return everyOption(options, ({ name, values: [text = ''] }) => {
    const range = parseRange(text)
    const side = name === 'src-range' ? 'source' : name === 'dst-range' ? 'destination' : undefined
    if (!range || !side) return undefined
    return (packet) => {
      const some = rangeOf(packet[side])
      return some ? within(some, range) : 'maybe'
    }
  })
}
