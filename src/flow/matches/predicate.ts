import type { Option } from '../../iptables/rule.ts'
import { not, type Ternary } from '../../ternary.ts'
import type { Packet } from '../packet.ts'
import type { World } from '../world.ts'

/** A condition read once from a rule, ready to be asked of many packets. */
export type Predicate = (packet: Packet, world: World) => Ternary

/** The predicate of a condition that we do not understand. */
export const unknowable: Predicate = () => 'maybe'

/** The predicate of a condition that every packet meets. */
export const always: Predicate = () => 'yes'

/** The predicate or its opposite. */
export function negatedIf(negated: boolean, predicate: Predicate): Predicate {
  return negated ? (packet, world) => not(predicate(packet, world)) : predicate
}

/** All predicates at once. */
export function all(predicates: readonly Predicate[]): Predicate {
  const [only] = predicates
  if (only && predicates.length === 1) return only
  return (packet, world) => {
    let answer: Ternary = 'yes'
    for (const predicate of predicates) {
      const one = predicate(packet, world)
      if (one === 'no') return 'no'
      if (one === 'maybe') answer = 'maybe'
    }
    return answer
  }
}

/** All options of a module, read one by one; an option that `read` does not know makes doubt. */
export function everyOption(
  options: readonly Option[],
  read: (option: Option) => Predicate | undefined,
): Predicate {
  return all(options.map((option) => negatedIf(option.negated, read(option) ?? unknowable)))
}
