import { otherUsers } from '../../plan/references.ts'
import { type ProtectionCheck, pass, warn } from '../check.ts'

/** How many addresses are listed: more are hardly read. */
const maxListed = 20

/** Whether addresses leave the set: a node that the inventory lacks, or the members of a set that is not ours. */
export const leavingMembers: ProtectionCheck = {
  id: 'leaving-members',
  judge({ state, intent, plan }) {
    const changes = plan.kind === 'planned' ? plan.changes : []
    const change = changes.find(({ kind }) => kind === 'set')
    if (change?.kind !== 'set') return pass
    const stay = new Set(change.after?.members)
    const leaving = (change.before?.members ?? []).filter((member) => !stay.has(member))
    if (leaving.length === 0) return pass
    const more = leaving.length - maxListed
    const listed = leaving.slice(0, maxListed).join(', ') + (more > 0 ? ` and ${more} more` : '')
    const users = otherUsers(state, intent.set)
    const used =
      users.length > 0 ? `; other rules or sets use that set, too: ${users.join('; ')}` : ''
    return warn(
      `set ${intent.set} would lose ${listed}; our rule would then stop packets from there${used}`,
      'If you removed that host on purpose, go on: this is only a warning. If it is a node, add it to the inventory. To allow it to reach pods for another reason, add it to fw_extra_members. If the set is not ours, choose another name with fw_set.',
    )
  },
}
