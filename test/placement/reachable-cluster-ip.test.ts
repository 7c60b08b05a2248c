import { describe, expect, it } from 'vitest'
import { reachableClusterIp } from '../../src/placement/reachable-cluster-ip.ts'
import { exactSet, forward, hostState, intent } from '../plan/host-state.ts'

const masqueraded = '-A FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT'

/** Two services: one whose packets nobody marks, and one whose packets kube-proxy marks if they match some words. */
function services(marked: string): string {
  return `*nat
:PREROUTING ACCEPT [0:0]
:KUBE-MARK-MASQ - [0:0]
:KUBE-SERVICES - [0:0]
:KUBE-SVC-A - [0:0]
:KUBE-SVC-B - [0:0]
-A PREROUTING -j KUBE-SERVICES
-A KUBE-SERVICES -d 10.43.0.1/32 -p tcp -m comment --comment "ns/a cluster IP" -m tcp --dport 443 -j KUBE-SVC-A
-A KUBE-SERVICES ${marked} -d 10.43.0.2/32 -p udp -m udp --dport 53 -j KUBE-MARK-MASQ
-A KUBE-SERVICES -d 10.43.0.2/32 -p udp -m comment --comment "ns/b cluster IP" -m udp --dport 53 -j KUBE-SVC-B
-A KUBE-SVC-A -p tcp -m tcp -j DNAT --to-destination 10.42.1.10:443
-A KUBE-SVC-B -p udp -m udp -j DNAT --to-destination 10.42.1.10:53
-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
COMMIT`
}

/** The open service with our rule at position 5 of a chain that accepts masqueraded packets first. */
function open(
  marked: string,
  {
    interfaces = ['ens18'],
    published = 'block' as 'allow' | 'block',
    rules = [masqueraded, ...forward()],
  } = {},
) {
  const state = hostState(rules, exactSet, services(marked))
  return reachableClusterIp(state, { ...intent, interfaces, published }, 5)
}

describe('reachableClusterIp', () => {
  it('finds a service behind one that is closed, and that a rule accepts it', () => {
    expect(open('-i ens18')).toEqual({ service: '10.43.0.2:53', because: 'rule' })
  })

  it('finds one that is open on another guarded interface', () => {
    expect(open('-i ens19', { interfaces: ['ens18', 'ens19'] })?.service).toBe('10.43.0.2:53')
  })

  it('finds one that is open to some outsiders only', () => {
    expect(open('-i ens18 -s 203.0.113.0/24')?.service).toBe('10.43.0.2:53')
  })

  it('finds that our own rule lets translated packets pass', () => {
    const found = open('-i ens19', { published: 'allow' })
    expect(found).toEqual({ service: '10.43.0.1:443', because: 'exempt' })
  })

  it('finds none if the rule of fw-run stops what later rules accept', () => {
    expect(open('-i ens19')).toBeUndefined()
  })

  it('finds none whose packets do not surely get through today', () => {
    const rules = ['-A FORWARD -j NFQUEUE --queue-num 0', ...forward()]
    expect(open('-i ens18', { rules })).toBeUndefined()
  })
})
