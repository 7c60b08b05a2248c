import { isNamed } from '../../flow/interface-name.ts'
import type { Rule } from '../../iptables/rule.ts'

/** Whether a rule may be about what comes in by one of some interfaces: it asks for no other. */
export function comesInBy({ matches }: Rule, interfaces: readonly string[]): boolean {
  return matches.every(
    (match) =>
      match.kind !== 'in' ||
      match.negated ||
      interfaces.some((name) => isNamed(name, match.interface)),
  )
}
