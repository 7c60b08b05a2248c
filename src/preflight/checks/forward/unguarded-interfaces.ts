import { unguardedInterfaces } from '../../../placement/unguarded-interfaces.ts'
import { type ForwardCheck, pass } from '../../check.ts'
import { alsoOpen } from '../../evidence/guarded-interfaces.ts'

/** Whether outsiders reach pods by an interface that no rule of ours guards. */
export const unguarded: ForwardCheck = {
  id: 'unguarded-interfaces',
  judge({ facts, state, intent }) {
    const open = unguardedInterfaces(state, intent, facts.ipv6)
    return open.length === 0 ? pass : alsoOpen(open, intent.interfaces)
  },
}
