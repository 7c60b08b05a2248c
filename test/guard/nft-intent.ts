import type { NftIntent } from '../../src/guard/intent.ts'
import { intent as forward } from '../plan/host-state.ts'

const { set, network, interfaces, action } = forward

/** A table for two nodes, in both families. */
export const nftIntent: NftIntent = {
  kind: 'nft',
  ...{ set, network, interfaces, action },
  members: ['192.0.2.11', '192.0.2.12', 'fd00::11'],
  podCidrs: ['10.42.0.0/16', 'fd42::/56'],
  otherPods: [],
  serviceCidrs: ['10.43.0.0/16'],
  barePods: [],
  persist: false,
  form: 'prerouting',
}

/** What nft 1.0.6 prints of that table. */
export const printed = `table inet fw_run {
	chain outsider {
		icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
		ct direction reply accept
		icmp type { destination-unreachable, time-exceeded, parameter-problem } ct state related accept
		icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem } ct state related accept
		ct state invalid,untracked counter packets 5 bytes 300 drop
		counter packets 7 bytes 99 reject
	}

	chain prerouting {
		type filter hook prerouting priority mangle - 5; policy accept;
		iifname "ens18" ip daddr { 10.42.0.0/15 } ip saddr != { 192.0.2.11, 192.0.2.12 } jump outsider
		iifname "ens18" ip6 daddr fd42::/56 ip6 saddr != fd00::11 jump outsider
	}
}`
