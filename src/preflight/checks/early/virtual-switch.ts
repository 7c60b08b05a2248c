import { isOfOvnKubernetes } from '../../../facts/inner-interface-names.ts'
import type { Interface } from '../../../facts/interfaces.ts'
import { type EarlyCheck, pass, warn } from '../../check.ts'

/**
 * Whether the virtual switch of OVN-Kubernetes may deliver packets to pods before the host's own routing: the network card is its port.
 * With `--disable-snat-multiple-gws`, as on OpenShift and MicroShift, or where BGP tells routers of pods, it does: a flow for the pod network
 * stands before the one that gives packets to the host (go-controller/pkg/node/gateway_shared_intf.go). Only the flows tell.
 */
export const virtualSwitch: EarlyCheck = {
  id: 'virtual-switch',
  judge({ host, intent }) {
    const { interfaces } = intent.network
    const owner = interfaces.find(({ name, up }) => up && isOfOvnKubernetes(name))
    const card = interfaces.find(isCardOfSwitch)
    if (!owner || !card) return pass
    const bridge = interfaces.find(({ addresses }) =>
      addresses.some((address) => host.settings.addresses.includes(address)),
    )
    return warn(
      `OVN-Kubernetes runs on this host (${owner.name}), and ${card.name} is a port of its virtual switch. On OpenShift and MicroShift, this switch delivers packets to pods before the guard sees them, so outsiders reach all pods. With other installations, that depends on their settings`,
      [
        `Run \`ovs-ofctl dump-flows ${bridge?.name ?? 'BRIDGE'} table=1\` on that host, or in the container of Open vSwitch there.`,
        `Look for lines in which the network after nw_dst= or ipv6_dst= is a pod network, is in one, or contains one (pod networks: ${intent.podCidrs.join(', ') || 'not known'}).`,
        'If the actions of such a line are not LOCAL, no guard of fw-run can protect pods of that host.',
        'Then create a NetworkPolicy in each namespace. It must allow ingress only from pods and nodes.',
        'If the command prints lines, and the actions of all lines with pod networks are LOCAL, the guard works: add virtual-switch to fw_accept.',
      ].join(' '),
    )
  },
}

/** Whether an interface is a port of Open vSwitch and neither a tunnel nor a port to a pod or to the host. */
function isCardOfSwitch({ name, up, master }: Interface): boolean {
  return up && master === 'ovs-system' && !inner.test(name)
}

/** Names of tunnels of Open vSwitch, and of the ports of OVN-Kubernetes to pods (digits of an id) and to the host. */
const inner = /_sys(_\d+)?$|^[\da-f]{10,15}(_\d+)?$|^ovn-k8s-/
