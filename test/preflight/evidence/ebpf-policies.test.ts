import { describe, expect, it } from 'vitest'
import type { ProtectIntent } from '../../../src/guard/intent.ts'
import { ebpfPolicy } from '../../../src/preflight/evidence/ebpf-policies.ts'
import { nftIntent } from '../../guard/nft-intent.ts'

describe('ebpfPolicy', () => {
  it('gives Calico a policy that denies pods to all but nodes and pods, and keeps the node itself open', () => {
    const [policy, endpoint] = resources('Calico', {
      interfaces: ['ens18'],
      members: ['192.0.2.11', 'fd00::11'],
      podCidrs: ['10.42.0.0/16'],
    })
    expect(policy).toMatchObject({
      kind: 'GlobalNetworkPolicy',
      spec: {
        ...{ selector: 'has(fw-run)', preDNAT: true, applyOnForward: true },
        ingress: [
          {
            action: 'Deny',
            source: { notNets: ['10.42.0.0/16', '192.0.2.11/32', 'fd00::11/128'] },
            destination: { nets: ['10.42.0.0/16'] },
          },
        ],
      },
    })
    expect(endpoint).toMatchObject({
      kind: 'HostEndpoint',
      metadata: { labels: { 'fw-run': 'guarded' } },
      spec: { interfaceName: 'ens18', profiles: ['projectcalico-default-allow'] },
    })
  })

  it('asks for a network and an interface where there are too many to name', () => {
    const members = Array.from({ length: 21 }, (_, at) => `192.0.2.${at}`)
    const intent = { interfaces: ['ens*'], members, podCidrs: ['10.42.0.0/16'] }
    expect(resources('Calico', intent)).toMatchObject([
      { spec: { ingress: [{ source: { notNets: ['10.42.0.0/16', 'NODE_NETWORK'] } }] } },
      { metadata: { name: 'NODE-INTERFACE' }, spec: { interfaceName: 'INTERFACE' } },
    ])
    expect(words('Calico', intent)).toContain('Put your network in place of NODE_NETWORK.')
  })

  it('lets only the cluster in with Cilium', () => {
    expect(resources('Cilium', {})).toMatchObject([
      {
        kind: 'CiliumClusterwideNetworkPolicy',
        spec: { endpointSelector: {}, ingress: [{ fromEntities: ['cluster'] }] },
      },
    ])
  })
})

type Given = Partial<Pick<ProtectIntent, 'interfaces' | 'members' | 'podCidrs'>>

function words(owner: 'Calico' | 'Cilium', intent: Given): string {
  return ebpfPolicy(owner, { ...nftIntent, ...intent })
}

/** The resources in the commands of a remedy. */
function resources(owner: 'Calico' | 'Cilium', intent: Given): readonly unknown[] {
  const texts = words(owner, intent).matchAll(/echo '([^']+)' \| (?:calicoctl|kubectl) apply -f -/g)
  return [...texts].map(([, json = '']) => JSON.parse(json))
}
