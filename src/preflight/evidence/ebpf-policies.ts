/**
 * How the owners of eBPF data planes guard pods themselves: sentences of a remedy. Calico closes the node itself where a
 * HostEndpoint has no profile. Its preDNAT policies leave what they do not name as it is (felix/dataplane/linux/bpf_ep_mgr.go).
 * Host policies of Cilium count only for packets to the node itself (cilium/bpf/lib/host_firewall.h).
 */
export const ebpfPolicies = {
  Calico:
    'Create a HostEndpoint for the interface, with profiles: [projectcalico-default-allow]. Without that profile, Calico blocks traffic to the node itself. Then add a GlobalNetworkPolicy with preDNAT: true and applyOnForward: true. It must deny traffic to the pod network, except from nodes and pods.',
  Cilium:
    'Create a CiliumClusterwideNetworkPolicy with endpointSelector: {} and ingress with fromEntities: [cluster]. This also blocks outsiders at NodePorts. For each pod that outsiders must reach, add a policy that allows them.',
} as const
