import { unguardedInterfaces } from '../../placement/unguarded-interfaces.ts'
import { type ProtectionCheck, pass, warn } from '../check.ts'

/** Whether outsiders reach pods by an interface that no rule of ours guards. */
export const unguarded: ProtectionCheck = {
  id: 'unguarded-interfaces',
  judge({ state, intent }) {
    const open = unguardedInterfaces(state, intent)
    if (open.length === 0) return pass
    return warn(
      `packets that come in by ${open.join(', ')} reach pods: only ${intent.interfaces.join(', ')} is guarded`,
      `If outsiders can come in there, set fw_interface of that host to ${JSON.stringify([...intent.interfaces, ...open])}.`,
    )
  },
}
