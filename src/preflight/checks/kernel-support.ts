import { fail, type ProtectionCheck, pass } from '../check.ts'

/** Whether the kernel knows the match and the target of our rule, or can load them. */
export const kernelSupport: ProtectionCheck = {
  title: 'kernel has what the rule needs',
  judge({ facts, intent }) {
    const needed = ['match set', 'target REJECT']
    if (intent.published === 'allow') needed.push('match conntrack')
    const lacking = facts.tools.unsupported.filter((name) => needed.includes(name))
    if (lacking.length === 0) return pass
    return fail(
      `the kernel has no ${lacking.join(', no ')}, and modprobe finds no module for it`,
      'Install the kernel modules that belong to the running kernel (package kernel-modules or linux-modules-extra).',
    )
  },
}
