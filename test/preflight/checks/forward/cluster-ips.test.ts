import { describe, expect, it } from 'vitest'
import { exactSet, forward, hostState, intent } from '../../../plan/host-state.ts'
import { resultOf, subject } from '../../subject.ts'

const masqueraded = '-A FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT'

/** Two services: one that nobody outside gets marked for, and one that those may reach who come in by an interface. */
function services(by: string): string {
  return `*nat
:PREROUTING ACCEPT [0:0]
:KUBE-MARK-MASQ - [0:0]
:KUBE-SERVICES - [0:0]
:KUBE-SVC-A - [0:0]
:KUBE-SVC-B - [0:0]
-A PREROUTING -j KUBE-SERVICES
-A KUBE-SERVICES -d 10.43.0.1/32 -p tcp -m comment --comment "ns/a cluster IP" -m tcp --dport 443 -j KUBE-SVC-A
-A KUBE-SERVICES -i ${by} -d 10.43.0.2/32 -p udp -m udp --dport 53 -j KUBE-MARK-MASQ
-A KUBE-SERVICES -d 10.43.0.2/32 -p udp -m comment --comment "ns/b cluster IP" -m udp --dport 53 -j KUBE-SVC-B
-A KUBE-SVC-A -p tcp -m tcp -j DNAT --to-destination 10.42.1.10:443
-A KUBE-SVC-B -p udp -m udp -j DNAT --to-destination 10.42.1.10:53
-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
COMMIT`
}

describe('clusterIps', () => {
  const result = (
    by: string,
    interfaces: readonly string[],
    published: 'allow' | 'block' = 'block',
  ) =>
    resultOf(
      'cluster-ips',
      subject({
        state: hostState([masqueraded, ...forward()], exactSet, services(by)),
        intent: { interfaces, published },
      }),
    )

  it('warns of a service behind one that is closed, whatever its protocol', () => {
    expect(result('ens18', ['ens18'])).toMatchObject({
      kind: 'warn',
      reason: expect.stringContaining('10.43.0.2:53'),
    })
  })

  it('warns where the rule of fw-run spares what nat translates', () => {
    expect(result('ens19', ['ens18'], 'allow')).toMatchObject({
      kind: 'warn',
      reason: expect.stringContaining('for example 10.43.0.1:443: with fw_published: allow'),
    })
  })

  it('warns where IPVS makes ClusterIPs addresses of the node', () => {
    const ipvs = `*nat
:PREROUTING ACCEPT [0:0]
:KUBE-SERVICES - [0:0]
-A PREROUTING -j KUBE-SERVICES
-A KUBE-SERVICES -m set --match-set KUBE-CLUSTER-IP dst,dst -j ACCEPT
COMMIT`
    const id = 'cluster-ips'
    const warning = { kind: 'warn', reason: expect.stringContaining('do not go through FORWARD') }
    const asked = subject({ state: hostState(forward(), exactSet, ipvs) })
    expect(resultOf(id, asked)).toMatchObject(warning)
    for (const [name, by] of [
      ['kube-ipvs0', /^kube-proxy uses IPVS/],
      ['kube-dummy-if', /^kube-router uses IPVS/],
    ] as const) {
      const dummy = { name, up: false, addresses: ['10.43.0.1'] }
      const interfaces = [...intent.network.interfaces, dummy]
      const network = { ...intent.network, interfaces }
      const bound = resultOf(id, subject({ intent: { network } }))
      expect(bound).toMatchObject(warning)
      expect(bound).toMatchObject({ reason: expect.stringMatching(by) })
    }
  })

  it('passes where IPVS has left its chain and its interface', () => {
    const left = `*nat\n:KUBE-SERVICES - [0:0]\n-A KUBE-SERVICES -m set --match-set KUBE-CLUSTER-IP dst,dst -j ACCEPT\nCOMMIT`
    const dummy = { name: 'kube-ipvs0', up: false, addresses: [] }
    const network = { ...intent.network, interfaces: [...intent.network.interfaces, dummy] }
    const about = subject({ state: hostState(forward(), exactSet, left), intent: { network } })
    expect(resultOf('cluster-ips', about)).toEqual({ kind: 'pass' })
  })

  it('passes where all are closed', () => {
    expect(result('ens19', ['ens18'])).toEqual({ kind: 'pass' })
  })
})
