import type { Option } from '../../iptables/rule.ts'
import type { Packet } from '../packet.ts'
import { not, type Ternary } from '../ternary.ts'
import type { World } from '../world.ts'

/** A condition of a rule, read once and asked for many packets. */
export type Predicate = (packet: Packet, world: World) => Ternary

/** A condition that we do not understand. */
export const unknowable: Predicate = () => 'maybe'

/** A condition that every packet matches. */
export const always: Predicate = () => 'yes'

/** The condition, or its opposite. */
export function negatedIf(negated: boolean, predicate: Predicate): Predicate {
  return negated ? (packet, world) => not(predicate(packet, world)) : predicate
}

/** Whether a packet matches all conditions. */
export function all(predicates: readonly Predicate[]): Predicate {
  const [only] = predicates
  if (only && predicates.length === 1) return only
  return (packet, world) => {
    let result: Ternary = 'yes'
    for (const predicate of predicates) {
      const one = predicate(packet, world)
      if (one === 'no') return 'no'
      if (one === 'maybe') result = 'maybe'
    }
    return result
  }
}

/** Whether a packet matches all options of a module. An option that `read` does not know is in doubt. */
export function everyOption(
  options: readonly Option[],
  read: (option: Option) => Predicate | undefined,
): Predicate {
  return all(options.map((option) => negatedIf(option.negated, read(option) ?? unknowable)))
}
