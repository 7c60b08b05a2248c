import { rulesOf } from '../iptables/ruleset.ts'
import { fail, type ProtectionCheck, pass } from './check.ts'

/** Whether Felix has its chains in FORWARD, and leaves it to later rules to accept (Felix 3.16 and later). */
export const calicoChains: ProtectionCheck = {
  title: 'Calico chains present, Felix new enough',
  judge({ state }) {
    const jumps = rulesOf(state.ruleset, 'filter', 'FORWARD').some(
      ({ target }) => target?.name === 'cali-FORWARD',
    )
    const chain = state.ruleset.tables.get('filter')?.get('cali-FORWARD')
    if (!jumps || !chain) {
      return fail(
        'FORWARD does not jump to cali-FORWARD: Calico is not at work here, or writes to another backend',
        'See whether calico-node runs on this host and what it logs; or take the host out of fw_group.',
      )
    }
    const accept = chain.rules.find(({ target }) => target?.name === 'ACCEPT')
    if (!accept) return pass
    return fail(
      `Felix accepts inside cali-FORWARD, before any rule of ours could stand: ${accept.raw}`,
      'Felix up to 3.15 does so. Upgrade Calico to 3.16 or later.',
    )
  },
}
