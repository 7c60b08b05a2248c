import type { Option } from '../../iptables/rule.ts'
import { known, or, type Ternary } from '../../ternary.ts'
import { everyOption, type Predicate } from './predicate.ts'

/** Reads the options of `-m udp`, `-m sctp` and the like; only ports are understood. */
export function readPorts(options: readonly Option[]): Predicate {
  return everyOption(options, readPortOption)
}

/** Reads `--sport` or `--dport`, undefined for any other option. */
export function readPortOption({ name, values: [text = ''] }: Option): Predicate | undefined {
  const test = portTest(text)
  if (!test) return undefined
  if (name === 'sport' || name === 'source-port') return ({ sourcePort }) => test(sourcePort)
  if (name === 'dport' || name === 'destination-port') {
    return ({ destinationPort }) => test(destinationPort)
  }
  return undefined
}

/** Reads the options of `-m multiport`: lists of ports and ranges. */
export function readMultiport(options: readonly Option[]): Predicate {
  return everyOption(options, ({ name, values: [text = ''] }) => {
    const tests = text.split(',').map(portTest)
    const test = (port: number | undefined): Ternary =>
      or(...tests.map((one) => one?.(port) ?? 'maybe'))
    if (/^(sports|source-ports)$/.test(name)) return ({ sourcePort }) => test(sourcePort)
    if (/^(dports|destination-ports)$/.test(name)) {
      return ({ destinationPort }) => test(destinationPort)
    }
    if (name !== 'ports') return undefined
    return ({ sourcePort, destinationPort }) => or(test(sourcePort), test(destinationPort))
  })
}

function portTest(text: string): ((port: number | undefined) => Ternary) | undefined {
  const [, first, colon, last] = /^(\d*)(:?)(\d*)$/.exec(text) ?? []
  if (first === undefined || text === '') return undefined
  const low = Number(first || 0)
  const high = colon ? Number(last || 65535) : low
  return (port) => (port === undefined ? 'maybe' : known(port >= low && port <= high))
}
