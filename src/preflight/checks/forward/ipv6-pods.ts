import { leadsToPods } from '../../../facts/pod-interface-names.ts'
import { type ForwardCheck, pass, warn } from '../../check.ts'
import { sentences, useInstead } from '../../evidence/other-guard.ts'

/** Whether pods have IPv6 addresses: the rule in FORWARD is for IPv4, so outsiders reach these. */
export const ipv6Pods: ForwardCheck = {
  id: 'ipv6-pods',
  judge({ facts, instead }) {
    const first = facts.ipv6.routes.find(
      ({ kind, device }) => kind === 'unicast' && leadsToPods(device ?? ''),
    )
    if (!first) return pass
    return warn(
      `this host forwards IPv6, and pods have IPv6 addresses (${first.cidr}). The guard forward closes only IPv4. So outsiders can reach these pods by IPv6`,
      sentences(
        useInstead(instead, '', ', and also closes IPv6'),
        `${instead() ? 'Or block' : 'Block'} IPv6 traffic from outsiders to pods on the router.`,
      ),
    )
  },
}
