import { type EarlyCheck, fail, pass } from '../../check.ts'
import { ebpfPolicies } from '../../evidence/ebpf-policies.ts'

/** Devices that the eBPF data planes of Cilium and Calico make (cilium/pkg/defaults, felix/bpf). */
const devices = /^(cilium_(host|net|vxlan|geneve)|lxc_health|bpf(in|out)\.cali)$/

/** Whether an eBPF data plane is at work: it leads packets to pods before our guard sees them. */
export const ebpf: EarlyCheck = {
  id: 'ebpf',
  judge({ intent }) {
    const found = intent.network.interfaces.filter(({ name, up }) => up && devices.test(name))
    const [first] = found
    if (!first) return pass
    const owner = first.name.startsWith('bpf') ? 'Calico' : 'Cilium'
    return fail(
      `the eBPF data plane of ${owner} is active on this host (${first.name}). It delivers packets to pods before our guard sees them`,
      `fw-run cannot protect this host, but ${owner} can. ${ebpfPolicies[owner]}`,
    )
  },
}
