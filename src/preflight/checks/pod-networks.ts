import { fail, type ProtectionCheck, pass } from '../check.ts'

/** Whether it is known which addresses pods have: placement depends on it. */
export const podNetworksKnown: ProtectionCheck = {
  title: 'pod networks known',
  judge({ intent }) {
    if (intent.podCidrs.length > 0) return pass
    return fail(
      'neither flannel, nor the ipsets of Calico, nor FORWARD tell the pod network',
      "Set fw_pod_cidrs in the inventory, for example ['10.42.0.0/16'].",
    )
  },
}
