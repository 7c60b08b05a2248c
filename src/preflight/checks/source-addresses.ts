import { sourcesTowards } from '../../facts/routes.ts'
import { fail, type ProtectionCheck, pass } from '../check.ts'

/** Whether every address from which this host speaks to the others is a member of their set. */
export const sourceAddresses: ProtectionCheck = {
  id: 'source-addresses',
  judge({ host, facts, intent, peers }) {
    const sources = new Set(sourcesTowards(peers, facts.routes, facts.interfaces))
    const missing = [...sources].filter((address) => !intent.members.includes(address))
    if (missing.length === 0) return pass
    return fail(
      `this host speaks to the others from ${missing.join(', ')}, which they would stop`,
      `Add that address to fw_addresses of ${host.name}.`,
    )
  },
}
