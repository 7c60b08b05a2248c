import type { Option } from '../../iptables/rule.ts'
import { known, or, type Ternary } from '../ternary.ts'
import { everyOption, type Predicate } from './predicate.ts'

/** Reads the ports of `-m udp`, `-m sctp` and `-m dccp`. Their other options are in doubt. */
export function readPorts(options: readonly Option[]): Predicate {
  return everyOption(options, readPortOption)
}

/** Reads `--sport` or `--dport`; undefined for any other option. */
export function readPortOption({ name, values: [text = ''] }: Option): Predicate | undefined {
  const test = portTest(text)
  if (!test) return undefined
  if (name === 'sport' || name === 'source-port') return ({ sourcePort }) => test(sourcePort)
  if (name === 'dport' || name === 'destination-port') {
    return ({ destinationPort }) => test(destinationPort)
  }
  return undefined
}

/** Reads the options of `-m multiport`: lists of ports and ranges. The kernel takes 15 at most. */
export function readMultiport(options: readonly Option[]): Predicate {
  return everyOption(options, ({ name, values: [text = ''] }) => {
    const words = text.split(',')
    if (words.length > 15) return undefined
    const tests = words.map(portTest)
    const test = (port: number | undefined): Ternary =>
      or(...tests.map((one) => one?.(port) ?? 'maybe'))
    if (name === 'sports' || name === 'source-ports') return ({ sourcePort }) => test(sourcePort)
    if (name === 'dports' || name === 'destination-ports') {
      return ({ destinationPort }) => test(destinationPort)
    }
    if (name !== 'ports') return undefined
    return ({ sourcePort, destinationPort }) => or(test(sourcePort), test(destinationPort))
  })
}

/** Reads `80`, `80:90`, `:90` or `80:`. */
function portTest(text: string): ((port: number | undefined) => Ternary) | undefined {
  const [first, last, more] = text.split(':')
  if (first === undefined || text === '' || more !== undefined) return undefined
  if (!/^\d*$/.test(first) || !/^\d*$/.test(last ?? '')) return undefined
  const low = Number(first)
  const high = last === undefined ? low : Number(last || 65535)
  return (port) => (port === undefined ? 'maybe' : known(port >= low && port <= high))
}
