import type { Target } from '../../iptables/rule.ts'
import type { Verdict } from '../verdict.ts'

/** The verdict of a target that ends the walk; undefined for any other target. */
export function verdictOf({ name, options }: Target): Verdict | undefined {
  const value = (option: string): string | undefined =>
    options.find((one) => one.name === option)?.values[0]
  switch (name) {
    case 'ACCEPT':
      return { kind: 'accept' }
    case 'DROP':
      return { kind: 'drop' }
    case 'REJECT':
      return { kind: 'reject', with: value('reject-with') }
    case 'DNAT':
      return { kind: 'dnat', to: value('to-destination') }
    case 'NETMAP':
      return { kind: 'dnat', to: value('to') }
    case 'SNAT':
      return { kind: 'snat', to: value('to-source') }
    case 'REDIRECT':
      return { kind: 'redirect', to: value('to-ports') }
    case 'MASQUERADE':
      return { kind: 'masquerade', to: value('to-ports') }
    default:
      return undefined
  }
}
