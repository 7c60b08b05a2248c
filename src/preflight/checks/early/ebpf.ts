import { type EarlyCheck, fail, pass } from '../../check.ts'
import { ebpfPolicy } from '../../evidence/ebpf-policies.ts'

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
        ? 'If you have switched off this data plane, restart calico-node on that host: calico-node then deletes this map.'
        : `If ${owner === 'Calico' ? 'Calico no longer uses eBPF on that host' : 'you have removed Cilium from that host'}, reboot that host. That deletes what the eBPF data plane left there.`
    return fail(
      `the eBPF data plane of ${owner} is on this host (${found}). It delivers packets to pods before the guard sees them`,
      `fw-run cannot protect this host, but ${owner} can. ${ebpfPolicy(owner, intent)} ${left}`,
    )
  },
}
