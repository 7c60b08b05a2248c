import { type EarlyCheck, pass, warn } from '../../check.ts'

/** Whether pods of other hosts come in by tunnels. Bare ones must be admitted by their addresses, which others can forge. */
export const podSources: EarlyCheck = {
  id: 'pod-sources',
  judge({ intent }) {
    const { barePods, interfaces } = intent
    if (barePods.length === 0) return pass
    return warn(
      `packets from pods of other hosts come in by ${interfaces.join(', ')} without a tunnel. So the guard must allow ${barePods.join(', ')} as sources. An outsider on that network can forge such an address`,
      'With a forged address, nobody can open a TCP connection, because replies go to the real pod. The sysctl rp_filter does not stop forged packets, because packets to these pods leave by the same interface. To stop them, too, use a tunnel between nodes (VXLAN, IPIP, WireGuard). Or let the switch filter source addresses.',
    )
  },
}
