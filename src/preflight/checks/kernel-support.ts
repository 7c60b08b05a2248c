import { fail, type ProtectionCheck, pass } from '../check.ts'

/** Whether the kernel has the matches and the target of our rule, or can load them. */
export const kernelSupport: ProtectionCheck = {
  id: 'kernel-support',
  judge({ facts, intent }) {
    const needed = ['match set']
    if (intent.action === 'REJECT') needed.push('target REJECT')
    if (intent.published === 'allow') needed.push('match conntrack')
    const lacking = facts.tools.unsupported.filter((name) => needed.includes(name))
    if (lacking.length === 0) return pass
    return fail(
      `the kernel does not have these extensions of iptables, and modprobe finds no module for them: ${lacking.join(', ')}`,
      'Install the modules of the running kernel: package kernel-modules (Red Hat) or linux-modules-extra-$(uname -r) (Ubuntu). If the kernel was upgraded, reboot first.',
    )
  },
}
