import { inForward } from '../../../facts/interfaces.ts'
import { asGiven } from '../../../inventory/settings.ts'
import { type ForwardCheck, fail, pass } from '../../check.ts'
import { noneThere, unfitInterfaces } from '../../evidence/guarded-interfaces.ts'
import { sentences, useInstead } from '../../evidence/other-guard.ts'

/**
 * Whether each guarded interface exists and is up, and is one by which packets come to FORWARD; and whether one of them carries an
 * address from the inventory.
 */
export const guardedInterface: ForwardCheck = {
  id: 'interface',
  judge(subject) {
    const { host, intent, instead } = subject
    const { interfaces } = intent.network
    const missing = intent.interfaces.filter((name) => !interfaces.some((one) => one.name === name))
    if (missing.length > 0) return noneThere(host, missing, interfaces)
    const seen = inForward(interfaces)
    const port = interfaces.find(
      (one) => intent.interfaces.includes(one.name) && !seen.some(({ name }) => name === one.name),
    )
    if (port) {
      return fail(
        `${port.name} is a port of the VRF ${port.master}. In FORWARD, its packets come in by ${port.master}, so the rule of fw-run for ${port.name} does not see them`,
        sentences(
          `Set ${asGiven(host.settings, 'fw_interface')} to ${port.master} for that host.`,
          useInstead(instead, 'Or '),
        ),
      )
    }
    const found = seen.filter(({ name }) => intent.interfaces.includes(name))
    return (
      unfitInterfaces(
        subject,
        found,
        found.flatMap(({ addresses }) => addresses),
      ) ?? pass
    )
  },
}
