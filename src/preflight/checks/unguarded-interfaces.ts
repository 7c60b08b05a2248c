import { unguardedInterfaces } from '../../placement/unguarded-interfaces.ts'
import { type ProtectionCheck, pass, warn } from '../check.ts'

/** Whether somebody reaches pods by an interface that no rule of ours guards. */
export const noOtherInterface: ProtectionCheck = {
  title: 'no other interface leads to pods',
  judge({ state, intent }) {
    const open = unguardedInterfaces(state, intent)
    if (open.length === 0) return pass
    return warn(
      `whoever comes in by ${open.join(', ')} reaches pods: only ${intent.interfaces.join(', ')} is guarded`,
      `If there are neighbours behind it, list it in fw_interface as well: ${JSON.stringify([...intent.interfaces, ...open])}.`,
    )
  },
}
