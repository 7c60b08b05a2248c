import { describe, expect, it } from 'vitest'
import { exactSet, forward, guard, hostState, intent } from '../../../plan/host-state.ts'
import { resultOf, subject } from '../../subject.ts'

/** A node that is the NAT gateway of its LAN: what the LAN sends out goes by wan0. */
const route = { kind: 'unicast', via: undefined, source: undefined } as const
const network = {
  interfaces: [
    ...intent.network.interfaces,
    { name: 'wan0', up: true, addresses: ['198.51.100.2'] },
  ],
  routes: [
    ...intent.network.routes,
    { ...route, cidr: '0.0.0.0/0', via: '198.51.100.1', device: 'wan0' },
  ],
}

function result(rules: readonly string[], how: typeof network = network) {
  const state = hostState(rules, exactSet, '*nat\n:KUBE-SERVICES - [0:0]\nCOMMIT')
  return resultOf('outbound-access', subject({ state, intent: { network: how } }))
}

/** The rule that the remedy inserts, and before which number. */
function remedyIn(remedy: string): { readonly at: number; readonly rule: string } {
  const [, at, rule] = /`iptables -I FORWARD (\d+) ([^`]+)`/.exec(remedy) ?? []
  return { at: Number(at), rule: `-A FORWARD ${rule}` }
}

describe('outboundAccess', () => {
  const lan = ['-A FORWARD -i ens18 -o wan0 -j ACCEPT']

  it('warns where the LAN goes out by a rule behind ours, and passes after its remedy', () => {
    const found = result([...forward(), ...lan])
    expect(found).toMatchObject({
      kind: 'warn',
      reason:
        'the rule of fw-run stops connections that outsiders open through this host and out by wan0. Outsiders can still answer connections that come in by wan0',
    })
    const { at, rule } = remedyIn('remedy' in found ? found.remedy : '')
    expect(result(forward([at, rule])).kind).toBe('pass')
  })

  it('warns of the rule of fw-run where it stands, and passes after its remedy', () => {
    const found = result([...forward([4, guard]), ...lan])
    const { at, rule } = remedyIn('remedy' in found ? found.remedy : '')
    expect(at).toBe(4)
    expect(result(forward([4, rule], [5, guard])).kind).toBe('pass')
  })

  it('names a rule for each way out, and all of them help', () => {
    const more = { name: 'wan1', up: true, addresses: ['203.0.113.2'] }
    const way = { ...route, cidr: '203.0.113.0/24', via: undefined, device: 'wan1' }
    const wider = {
      interfaces: [...network.interfaces, more],
      routes: [...network.routes, way],
    }
    const rules = [...forward(), ...lan, '-A FORWARD -i ens18 -o wan1 -j ACCEPT']
    const found = result(rules, wider)
    const commands = ('remedy' in found ? found.remedy : '').matchAll(/-I FORWARD 4 (.*?ACCEPT)/g)
    const accept = [...commands].map(([, rule]) => `-A FORWARD ${rule}`)
    expect(accept).toHaveLength(2)
    expect(result(rules.toSpliced(3, 0, ...accept), wider).kind).toBe('pass')
    expect(result(rules.toSpliced(3, 0, ...accept.slice(1)), wider).kind).toBe('warn')
  })

  it('passes where the LAN has no way out here', () => {
    expect(result(forward()).kind).toBe('pass')
  })
})
