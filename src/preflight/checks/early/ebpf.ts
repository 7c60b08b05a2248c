import { type EarlyCheck, fail, pass } from '../../check.ts'
import { ebpfPolicies } from '../../evidence/ebpf-policies.ts'

/** Devices that the eBPF data planes of Cilium and Calico make (cilium/pkg/defaults, felix/bpf). */
const devices = /^(cilium_(host|net|vxlan|geneve)|lxc_health|bpf(in|out)\.cali)$/

/** Whether an eBPF data plane is at work: it leads packets to pods before our guard sees them. */
export const ebpf: EarlyCheck = {
  id: 'ebpf',
  judge({ facts, intent }) {
    const device = intent.network.interfaces.find(({ name, up }) => up && devices.test(name))?.name
    const found = device ?? facts.calicoMap
    if (found === undefined) return pass
    const owner = device === undefined || device.startsWith('bpf') ? 'Calico' : 'Cilium'
    const left =
      device === undefined
        ? ' If this data plane is switched off, restart calico-node on that host: it deletes what is left.'
        : ''
    return fail(
      `the eBPF data plane of ${owner} is active on this host (${found}). It delivers packets to pods before our guard sees them`,
      `fw-run cannot protect this host, but ${owner} can. ${ebpfPolicies[owner]}${left}`,
    )
  },
}
