import type { ProtectIntent } from '../../guard/intent.ts'
import { isPattern } from '../../inventory/interface-names.ts'

/** More addresses of nodes than this make a policy too long for a message. */
const maxNamed = 20

/** How the owner of an eBPF data plane guards pods itself: sentences of a remedy, with commands to copy. */
export function ebpfPolicy(owner: 'Calico' | 'Cilium', intent: ProtectIntent): string {
  return owner === 'Calico' ? calicoPolicy(intent) : ciliumPolicy
}

/**
 * Calico closes the node itself where a HostEndpoint has no profile. Its preDNAT policies leave what they do not name as it is
 * (felix/dataplane/linux/bpf_ep_mgr.go).
 */
function calicoPolicy({ interfaces, members, podCidrs }: ProtectIntent): string {
  const named = members.length <= maxNamed
  const [only = '', ...others] = interfaces
  const sole = others.length === 0 && !isPattern(only)
  const pods = podCidrs.length > 0 ? podCidrs : ['POD_NETWORK']
  const nodes = named ? members : ['NODE_NETWORK']
  const policy = {
    ...{ apiVersion: 'projectcalico.org/v3', kind: 'GlobalNetworkPolicy' },
    metadata: { name: 'pods-only-from-cluster' },
    spec: {
      ...{ selector: 'has(fw-run)', preDNAT: true, applyOnForward: true, types: ['Ingress'] },
      ingress: [
        {
          action: 'Deny',
          source: { notNets: [...pods, ...nodes.map(networkOf)] },
          destination: { nets: pods },
        },
      ],
    },
  }
  const endpoint = {
    ...{ apiVersion: 'projectcalico.org/v3', kind: 'HostEndpoint' },
    metadata: { name: sole ? 'NODE' : 'NODE-INTERFACE', labels: { 'fw-run': 'guarded' } },
    spec: {
      ...{ node: 'NODE', interfaceName: sole ? only : 'INTERFACE' },
      profiles: ['projectcalico-default-allow'],
    },
  }
  const placeholders = [
    ...(podCidrs.length > 0 ? [] : ['POD_NETWORK']),
    ...(named ? [] : ['NODE_NETWORK']),
  ]
  return [
    `Create this policy once: \`${applied(policy, 'calicoctl')}\`.`,
    ...placeholders.map((word) => `Put your network in place of ${word}.`),
    `Then run this command for each node${sole ? '' : ' and each guarded interface'}. Put the name of the node in place of NODE${sole ? '' : ', and the name of the interface in place of INTERFACE'}: \`${applied(endpoint, 'calicoctl')}\`. Do not leave out the profile: without it, Calico blocks traffic to the node.`,
  ].join(' ')
}

/** Host policies of Cilium count only for packets to the node itself (cilium/bpf/lib/host_firewall.h). */
const ciliumPolicy = `Create this policy: \`${applied(
  {
    ...{ apiVersion: 'cilium.io/v2', kind: 'CiliumClusterwideNetworkPolicy' },
    metadata: { name: 'pods-only-from-cluster' },
    spec: { endpointSelector: {}, ingress: [{ fromEntities: ['cluster'] }] },
  },
  'kubectl',
)}\`. It also blocks outsiders at NodePorts. For each pod that outsiders must reach, add a policy that allows them.`

function applied(resource: object, tool: 'calicoctl' | 'kubectl'): string {
  return `echo '${JSON.stringify(resource)}' | ${tool} apply -f -`
}

function networkOf(address: string): string {
  if (!/^[\d.]+$|:/.test(address)) return address
  return `${address}/${address.includes(':') ? 128 : 32}`
}
