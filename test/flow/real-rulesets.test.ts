import { describe, expect, it } from 'vitest'
import type { ConnectionState } from '../../src/flow/packet.ts'
import { walk } from '../../src/flow/walk.ts'
import { outsider, worldOf } from './asked.ts'
import { realRuleset } from './real-ruleset.ts'

function verdicts(name: string, destination: string, state: ConnectionState): readonly string[] {
  const packet = outsider({ source: '10.20.0.66', destination, state, direction: undefined })
  const { verdicts } = walk(realRuleset(name), 'filter', 'FORWARD', packet, worldOf())
  return verdicts.map(({ verdict, path }) => {
    const last = path.at(-1)
    return `${verdict.kind} ${last ? `${last.chain}#${last.number}` : 'policy'}`
  })
}

describe('walk through rulesets as people posted them', () => {
  it.each<
    readonly [
      name: string,
      destination: string,
      state: ConnectionState,
      verdicts: readonly string[],
    ]
  >([
    // Felix knows no such interface: nothing but its own workloads leaves by cali+.
    ['aks-calico-portmap', '10.244.0.5', 'NEW', ['drop cali-to-wl-dispatch#2']],
    ['felix-vxlan-2025', '10.244.0.5', 'ESTABLISHED', ['drop cali-to-wl-dispatch#1']],
    ['calico-docker-2017', '10.244.0.5', 'NEW', ['drop policy']],
    ['docker-28-new-daemon', '10.42.0.5', 'NEW', ['accept policy']],
    ['docker-28-swarm', '10.42.0.5', 'NEW', ['accept DOCKER-INGRESS#1']],
    ['docker-28-usernet', '10.42.0.5', 'NEW', ['accept policy']],
    // The set of docker's bridges is not in the dump, but its chain accepts nothing of the kind.
    ['docker-28', '10.42.0.5', 'NEW', ['drop policy']],
    ['docker-28', '10.42.0.5', 'ESTABLISHED', ['accept DOCKER-FORWARD#1', 'drop policy']],
    ['felix-foreign-2019', '192.168.0.5', 'NEW', ['drop policy']],
    ['felix-foreign-2019', '192.168.0.5', 'ESTABLISHED', ['accept KUBE-FORWARD#4']],
    ['flannel-2018', '10.244.0.5', 'NEW', ['accept FORWARD#3']],
    ['flannel-2018', '10.244.0.5', 'ESTABLISHED', ['accept KUBE-FORWARD#3']],
    ['flannel-2018', '192.168.0.5', 'NEW', ['drop policy']],
    ['kube-router-mixed-2021', '10.244.0.5', 'NEW', ['drop policy']],
    // Excerpts: a chain that is not in them may do anything, even set the mark that a later rule accepts.
    [
      'calico-vxlan-2021',
      '10.244.0.5',
      'ESTABLISHED',
      ['unknown FORWARD#1', 'accept KUBE-FORWARD#2', 'accept KUBE-FORWARD#3'],
    ],
    [
      'flannel-firewalld-2018',
      '10.244.0.5',
      'ESTABLISHED',
      ['unknown FORWARD#1', 'accept FORWARD#2'],
    ],
  ])('%s: a packet for %s that is %s gets %o', (name, destination, state, expected) => {
    expect(verdicts(name, destination, state)).toEqual(expected)
  })
})
