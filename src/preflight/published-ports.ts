import type { Ruleset } from '../iptables/ruleset.ts'
import { type ProtectionCheck, pass, warn } from './check.ts'

/** Whether published ports are given up that clients use now. Where they are not given up, placement keeps them. */
export const publishedPorts: ProtectionCheck = {
  title: 'no published ports are given up',
  judge({ state, intent }) {
    const published = publishedWithClientAddress(state.ruleset)
    if (published.length === 0 || intent.published !== 'block') return pass
    return warn(
      `clients outside the set are cut from published ports: ${published.join(', ')}`,
      'fw_published: block accepts this; fw_published: allow keeps them reachable.',
    )
  },
}

/**
 * hostPorts (portmap's CNI-DN-* chains) and services with externalTrafficPolicy Local (KUBE-XLB-, since 1.24 KUBE-SVL-)
 * reach a pod under the client's address, without the mark 0x4000 that KUBE-FORWARD accepts.
 */
function publishedWithClientAddress(ruleset: Ruleset): readonly string[] {
  const chains = [...(ruleset.tables.get('nat')?.keys() ?? [])]
  const hostPorts = chains.filter((name) => name.startsWith('CNI-DN-')).length
  const local = chains.filter((name) => /^KUBE-(XLB|SVL)-/.test(name)).length
  return [
    ...(hostPorts > 0 ? [`${hostPorts} pod(s) with hostPort`] : []),
    ...(local > 0 ? [`${local} service(s) with externalTrafficPolicy Local`] : []),
  ]
}
