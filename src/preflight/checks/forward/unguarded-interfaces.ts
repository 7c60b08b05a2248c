import { inForward } from '../../../facts/interfaces.ts'
import { unguardedInterfaces } from '../../../placement/unguarded-interfaces.ts'
import { type ForwardCheck, pass } from '../../check.ts'
import { alsoOpen } from '../../evidence/guarded-interfaces.ts'

/** Whether outsiders reach pods by an interface that no rule of ours guards. */
export const unguarded: ForwardCheck = {
  id: 'unguarded-interfaces',
  judge({ facts, state, intent }) {
    const open = unguardedInterfaces(state, intent, facts.ipv6)
    if (open.length === 0) return pass
    const withIpv6 = new Set(facts.ipv6.addresses.map(({ device }) => device))
    const bare = inForward(intent.network.interfaces)
      .filter(({ addresses }) => addresses.length === 0)
      .map(({ name }) => name)
      .filter((name) => open.includes(name) && !withIpv6.has(name))
    return alsoOpen(open, intent.interfaces, bare)
  },
}
