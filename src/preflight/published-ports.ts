import type { Ruleset } from '../iptables/ruleset.ts'
import { fail, type ProtectionCheck, pass, warn } from './check.ts'

/** Whether ports that are published with the client's own address would be cut by the rule. */
export const publishedPorts: ProtectionCheck = {
  title: 'published ports stay reachable',
  judge({ state, intent }) {
    const published = publishedWithClientAddress(state.ruleset)
    if (published.length === 0 || intent.published === 'allow') return pass
    const reason = `clients outside the set would be cut from published ports: ${published.join(', ')}`
    if (intent.published === 'block') return warn(reason, 'fw_published: block accepts this.')
    return fail(
      reason,
      'Set fw_published: allow to keep them reachable, or fw_published: block to accept that they are cut.',
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
