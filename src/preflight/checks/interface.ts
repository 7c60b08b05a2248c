import { asGiven } from '../../inventory/settings.ts'
import { fail, type ProtectionCheck, pass } from '../check.ts'

/** Whether each interface exists and is up, and whether one of them carries an address that the inventory says. */
export const interfaceReady: ProtectionCheck = {
  title: 'interface exists, is up, has the address',
  judge({ host, facts, intent }) {
    const setting = asGiven(host.settings, 'fw_interface')
    const found = intent.interfaces.map((name) => facts.interfaces.find((one) => one.name === name))
    const missing = intent.interfaces.filter((_, index) => !found[index])
    if (missing.length > 0) {
      const known = facts.interfaces
        .filter(({ addresses }) => addresses.length > 0)
        .map(({ name }) => name)
      return fail(
        `there is no interface ${missing.join(', ')}; with an address there are ${known.join(', ')}`,
        setting === 'fw_interface'
          ? 'Correct fw_interface, for that host or for all.'
          : `Correct ${setting}.`,
      )
    }
    const down = found.flatMap((one) => (one && !one.up ? [one.name] : []))
    if (down.length > 0) {
      return fail(
        `${down.join(', ')} is down`,
        `\`ip link set ${down[0]} up\` there, or choose another ${setting}.`,
      )
    }
    const carried = found.flatMap((one) => one?.addresses ?? [])
    if (host.settings.addresses.some((address) => carried.includes(address))) return pass
    return fail(
      `${intent.interfaces.join(', ')} carries ${carried.join(', ') || 'no address'}, ` +
        `but the inventory says ${host.settings.addresses.join(', ')}`,
      `Correct ${setting}, or the addresses of that host in the inventory.`,
    )
  },
}
