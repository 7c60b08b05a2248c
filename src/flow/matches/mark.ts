import type { Option } from '../../iptables/rule.ts'
import { type Bits, parseMasked } from '../bits.ts'
import { hasConnection } from '../packet.ts'
import { and, not, type Ternary } from '../ternary.ts'
import { all, everyOption, type Predicate, unknowable } from './predicate.ts'

/** Reads `--mark` of `-m mark`. */
export function readMark(options: readonly Option[]): Predicate {
  return everyOption(options, ({ name, values: [text = ''] }) => {
    const wanted = name === 'mark' ? parseMasked(text) : undefined
    return wanted && ((packet) => hasBits(packet.mark, wanted.value, wanted.mask))
  })
}

/** Reads `--mark` of `-m connmark`. A packet without a connection never matches, negated or not. */
export function readConnmark(options: readonly Option[]): Predicate {
  const tests = options.map(({ name, negated, values: [text = ''] }): Predicate => {
    const wanted = name === 'mark' ? parseMasked(text) : undefined
    if (!wanted) return unknowable
    return (packet) => {
      const has = hasBits(packet.connmark, wanted.value, wanted.mask)
      return and(hasConnection(packet), negated ? not(has) : has)
    }
  })
  return all(tests)
}

function hasBits(mark: Bits, value: number, mask: number): Ternary {
  const outside = value & ~mask
  if (outside !== 0 || ((mark.value ^ value) & mask & mark.known) !== 0) return 'no'
  return (mask & ~mark.known) === 0 ? 'yes' : 'maybe'
}
