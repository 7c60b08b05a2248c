import { asGiven } from '../../inventory/settings.ts'
import { fail, type ProtectionCheck, pass } from '../check.ts'

/** Whether each guarded interface exists and is up, and whether one of them carries an address from the inventory. */
export const guardedInterface: ProtectionCheck = {
  id: 'interface',
  judge({ host, intent }) {
    const { interfaces } = intent.network
    const setting = asGiven(host.settings, 'fw_interface')
    const found = intent.interfaces.map((name) => interfaces.find((one) => one.name === name))
    const missing = intent.interfaces.filter((_, index) => !found[index])
    if (missing.length > 0) {
      const known = interfaces
        .filter(({ addresses }) => addresses.length > 0)
        .map(({ name }) => name)
      return fail(
        `there is no interface ${missing.join(', ')}; interfaces with an address: ${known.join(', ')}`,
        setting === 'fw_interface'
          ? 'Correct fw_interface, for that host or for all.'
          : `Correct ${setting}.`,
      )
    }
    const down = found.flatMap((one) => (one && !one.up ? [one.name] : []))
    if (down.length > 0) {
      return fail(
        `${down.join(', ')} is down`,
        `Bring it up: \`ip link set ${down[0]} up\` on that host. Or choose another ${setting}.`,
      )
    }
    const carried = found.flatMap((one) => one?.addresses ?? [])
    if (host.settings.addresses.some((address) => carried.includes(address))) return pass
    return fail(
      `${intent.interfaces.join(', ')} has ${carried.join(', ') || 'no address'}, ` +
        `but the inventory says ${host.settings.addresses.join(', ')}`,
      `Correct ${setting}, or the addresses of that host in the inventory.`,
    )
  },
}
