import { type ForwardCheck, fail, pass } from '../../check.ts'
import { installModules } from '../../evidence/kernel-modules.ts'
import { sentences, useInstead } from '../../evidence/other-guard.ts'

/** Whether the kernel has the matches and the target of our rule, or can load them. */
export const kernelSupport: ForwardCheck = {
  id: 'kernel-support',
  judge({ facts, intent, instead }) {
    const needed = ['match set']
    if (intent.action === 'REJECT') needed.push('target REJECT')
    if (intent.published === 'allow') needed.push('match conntrack')
    const lacking = facts.tools.unsupported.filter((name) => needed.includes(name))
    if (lacking.length === 0) return pass
    const drop = lacking.every((name) => name === 'target REJECT')
    return fail(
      `these extensions of iptables do not seem to be loaded, and modprobe cannot load them: ${lacking.join(', ')}`,
      sentences(
        installModules,
        drop ? 'Or set fw_action: DROP for that host.' : useInstead(instead, 'Or '),
      ),
    )
  },
}
