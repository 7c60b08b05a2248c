import { guardedSet } from '../../../guard/forward-rule.ts'
import { rulesOf } from '../../../iptables/ruleset.ts'
import { type ForwardCheck, pass, warn } from '../../check.ts'

/** Whether a rule of our shape names another set, as after a change of fw_set: it would stop nodes that are new. */
export const otherGuards: ForwardCheck = {
  id: 'other-guards',
  judge({ state, intent }) {
    const others = rulesOf(state.ruleset, 'filter', 'FORWARD').flatMap(
      (rule) => guardedSet(rule) ?? [],
    )
    const other = others.find((set) => set !== intent.set)
    if (!other) return pass
    return warn(
      `a rule in FORWARD lets only members of set ${other} pass. It stays active next to the rule of fw-run`,
      `If fw-run made that rule while fw_set was ${other}, remove it: \`fw-run remove -e fw_set=${other}\`. If you want to keep that rule, set fw_accept: [other-guards].`,
    )
  },
}
