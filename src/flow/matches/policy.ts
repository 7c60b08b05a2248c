import type { Option } from '../../iptables/rule.ts'
import type { Packet } from '../packet.ts'
import { known, type Ternary } from '../ternary.ts'
import { type Predicate, unknowable } from './predicate.ts'

/**
 * Reads the options of `-m policy --dir in`: whether a packet came by IPsec (net/netfilter/xt_policy.c). By which policy it
 * came is not known. `--dir out` asks whether it will leave by IPsec, which is not known either.
 */
export function readPolicy(options: readonly Option[]): Predicate {
  const value = (name: string): string | undefined =>
    options.find((option) => option.name === name)?.values[0]
  if (value('dir') !== 'in') return unknowable
  const details = options.some(({ name }) => name !== 'dir' && name !== 'pol')
  if (value('pol') === 'none') return details ? unknowable : (packet) => clear(packet)
  if (value('pol') !== 'ipsec') return unknowable
  return (packet) => {
    if (packet.decapsulated === false) return 'no'
    return packet.decapsulated && !details ? 'yes' : 'maybe'
  }
}

function clear({ decapsulated }: Packet): Ternary {
  return decapsulated === undefined ? 'maybe' : known(!decapsulated)
}
