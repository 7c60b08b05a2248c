import { sourcesTowards } from '../../facts/routes.ts'
import { fail, type ProtectionCheck, pass } from '../check.ts'

/** Whether every address from which this host speaks to the others is a member of their set. */
export const sourceAddresses: ProtectionCheck = {
  id: 'source-addresses',
  judge({ host, intent, peers }) {
    const sources = new Set(sourcesTowards(peers, intent.network.routes, intent.network.interfaces))
    const missing = [...sources].filter((address) => !intent.members.includes(address))
    if (missing.length === 0) return pass
    // fw_addresses replaces what the inventory tells otherwise, so the remedy lists all.
    const all = [...new Set([...host.settings.addresses, ...missing])]
    return fail(
      `this host sends packets from addresses that the set lacks: ${missing.join(', ')}. Other hosts would stop them`,
      `Set fw_addresses of ${host.name} to all of its addresses: [${all.join(', ')}].`,
    )
  },
}
