import { guardedSet } from '../../guard/guard.ts'
import { rulesOf } from '../../iptables/ruleset.ts'
import { type ProtectionCheck, pass, warn } from '../check.ts'

/** Whether a rule of our shape stands there with another set, as after a change of fw_set: it would turn new nodes away. */
export const otherGuards: ProtectionCheck = {
  title: 'no rule like ours with another set',
  judge({ state, intent }) {
    const others = rulesOf(state.ruleset, 'filter', 'FORWARD').flatMap(
      (rule) => guardedSet(rule) ?? [],
    )
    const other = others.find((set) => set !== intent.set)
    if (!other) return pass
    return warn(
      `a rule in FORWARD lets only set ${other} pass, and stays in force beside ours`,
      `If that was ours under another fw_set, take it off: \`fw-run remove -e fw_set=${other}\`.`,
    )
  },
}
