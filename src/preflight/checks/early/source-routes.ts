import { areMeant } from '../../../inventory/interface-names.ts'
import { type EarlyCheck, pass, warn } from '../../check.ts'
import { keepSysctl } from '../../evidence/sysctl.ts'

/**
 * Whether the host takes packets with a source route. Such a packet is for the host itself, and names the next hop in an option.
 * In PREROUTING and FORWARD, its destination is still the address of the host: Linux reads the next hop only after PREROUTING
 * (ip_options_rcv_srr), and writes it into the packet only after FORWARD (ip_forward_options). The guard `forward` does not need the address.
 */
export const sourceRoutes: EarlyCheck = {
  id: 'source-routes',
  judge({ facts, intent }) {
    const open = facts.sourceRoutes.filter((name) => areMeant(intent.interfaces, name))
    if (open.length === 0) return pass
    return warn(
      `this host takes packets with a source route that come in by ${open.join(', ')} (sysctl accept_source_route). An outsider can send such a packet to this host, with a pod as the next hop. The guard does not see that it is for a pod`,
      `Run \`sysctl -w net/ipv4/conf/all/accept_source_route=0\` on that host. ${keepSysctl}`,
    )
  },
}
