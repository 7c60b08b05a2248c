import { type ForwardCheck, fail, pass } from '../../check.ts'

/** Whether the addresses of pods are known: placement depends on them. */
export const podNetworks: ForwardCheck = {
  id: 'pod-networks',
  judge({ intent }) {
    if (intent.podCidrs.length > 0) return pass
    return fail(
      'fw-run found no pod network in the settings of flannel, the ipsets of Calico or the rules of FORWARD',
      "Set fw_pod_cidrs in the inventory, for example ['10.42.0.0/16']. `kubectl cluster-info dump | grep -m1 cluster-cidr` shows it on most clusters.",
    )
  },
}
