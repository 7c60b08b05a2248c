import {
  admitted,
  type EarlyIntent,
  type ForwardIntent,
  memberSet,
  type ProtectIntent,
} from '../../guard/intent.ts'
import { isOurChain } from '../../guard/mangle-chain.ts'
import { sourcesOf } from '../../guard/nft-table.ts'
import { admittedByChain, chainOf } from '../../guard/standing-chain.ts'
import { families } from '../../ip/dual.ts'
import { uncovered } from '../../ip/dual-ranges.ts'
import { otherUsers } from '../../plan/references.ts'
import { type ProtectionCheck, pass, type Subject, warn } from '../check.ts'

/** How many addresses are listed: more are hardly read. */
const maxListed = 20

/** Whether addresses that a guard lets in now leave it: a node that the inventory lacks, or members of a set that is not ours. */
export const leavingMembers: ProtectionCheck = {
  id: 'leaving-members',
  judge(subject) {
    const { intent, state } = subject
    const all =
      intent.kind === 'forward' ? leavingSet(subject, intent) : leavingEarly(subject, intent)
    // That one host leaves is what this run was told to do.
    const meant = subject.host.settings.leaving?.addresses ?? []
    const leaving = all.filter((address) => !meant.includes(address))
    if (leaving.length === 0) return pass
    const more = leaving.length - maxListed
    const listed = leaving.slice(0, maxListed).join(', ') + (more > 0 ? ` and ${more} more` : '')
    const users = otherUsers(state, intent.set)
    const used =
      users.length > 0 ? `; other rules or sets use that set, too: ${users.join('; ')}` : ''
    return warn(
      intent.kind !== 'forward'
        ? `the guard would no longer allow ${listed}`
        : `set ${intent.set} would lose ${listed}. The rule of fw-run would then stop packets from these addresses${used}`,
      'Who has these addresses? A host that left the cluster: do nothing. A node: add it to the inventory. Another machine that must reach pods: add its address to fw_extra_members.' +
        (intent.kind !== 'forward'
          ? ''
          : ' If the set does not belong to fw-run, choose another name with fw_set.'),
    )
  },
}

function leavingSet(
  { plan }: Subject<ProtectIntent>,
  { members, set }: ForwardIntent,
): readonly string[] {
  return beforeIn(plan, set).filter((member) => !memberSet(members).has(member))
}

/** What a set, a table or a chain admits, and the new guard does not. */
function leavingEarly(
  { plan, state }: Subject<ProtectIntent>,
  intent: EarlyIntent,
): readonly string[] {
  const chains = families.flatMap((family) => {
    const chain = chainOf(state, family)
    return chain && isOurChain(chain) ? admittedByChain(state, chain) : []
  })
  const table = state.table ? sourcesOf(state.table.text) : []
  const now = [...beforeIn(plan), ...table, ...chains]
  // Nearly all of thousands are members, and looking them up is quicker than reading addresses.
  const others = now.filter((one) => !memberSet(intent.members).has(one))
  return uncovered(others, admitted(intent))
}

/** The members of the sets that the plan changes, or of one of them. */
function beforeIn(plan: Subject['plan'], set?: string): readonly string[] {
  if (plan.kind !== 'planned') return []
  return plan.changes.flatMap((change) =>
    change.kind === 'set' && (set ?? change.name) === change.name
      ? (change.before?.members ?? [])
      : [],
  )
}
