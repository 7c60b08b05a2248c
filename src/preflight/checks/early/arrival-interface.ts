import { asGiven } from '../../../inventory/settings.ts'
import { type EarlyCheck, fail, pass, warn } from '../../check.ts'
import { noneThere, unfitInterfaces } from '../../evidence/guarded-interfaces.ts'

/**
 * Whether packets come in by the guarded interfaces, as the guard sees it: a bridge or a bond, not one of its ports. An
 * interface that is not there yet is only a warning: the guard waits for its name.
 */
export const arrivalInterface: EarlyCheck = {
  id: 'arrival-interface',
  judge({ host, facts, intent }) {
    const setting = asGiven(host.settings, 'fw_interface')
    const { interfaces } = intent.network
    const found = interfaces.filter(({ name }) => intent.interfaces.includes(name))
    const missing = intent.interfaces.filter((name) => !found.some((one) => one.name === name))
    if (found.length === 0) return noneThere(host, missing, interfaces)
    const port = found.find(({ master }) => master !== undefined)
    if (port) {
      return fail(
        `${port.name} is a port of ${port.master}. So packets come in by ${port.master}, and a guard for ${port.name} does not see them`,
        `Set ${setting} to ${port.master} for that host.`,
      )
    }
    const ipv6 = facts.ipv6.addresses.filter(({ device }) => intent.interfaces.includes(device))
    const all = [...found.flatMap(({ addresses }) => addresses), ...ipv6.map((one) => one.address)]
    const unfit = unfitInterfaces(host, found, all)
    if (unfit) return unfit
    if (missing.length === 0) return pass
    return warn(
      `there is no interface ${missing.join(', ')} yet. As soon as it exists, the guard works there`,
      `If the name is wrong, correct ${setting} for that host. If the interface will exist later, nothing needs to be done.`,
    )
  },
}
