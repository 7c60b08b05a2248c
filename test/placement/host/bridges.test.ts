import { describe, expect, it } from 'vitest'
import { bridgesOf } from '../../../src/placement/host/bridges.ts'
import { hostModelOf } from '../../../src/placement/host/host-model.ts'
import { hostState, intent } from '../../plan/host-state.ts'
import { modelOf } from './model.ts'

/** The names of the bridges of a host with one further interface, ports of it, and rules in which `#` is its name. */
function bridges(
  name: string,
  {
    ports = [] as readonly string[],
    rules = [] as readonly string[],
    nat = [] as readonly string[],
  },
) {
  const named = (texts: readonly string[]): readonly string[] =>
    texts.map((text) => text.replaceAll('#', name))
  const chains = ['DOCKER', 'DOCKER-CT', 'DOCKER-USER']
  const jumps = chains.map((chain) => `-A FORWARD -j ${chain}`)
  const declared = chains.map((chain) => `:${chain} - [0:0]`)
  const post = `*nat\n:POSTROUTING ACCEPT [0:0]\n${named(nat).join('\n')}\nCOMMIT`
  const network = {
    ...intent.network,
    interfaces: [
      ...intent.network.interfaces,
      { name, up: true, addresses: ['198.51.100.1'] },
      ...ports.map((port) => ({ name: port, up: true, addresses: [], master: name })),
    ],
  }
  const state = hostState([...declared, ...jumps, ...named(rules)], '', post)
  return bridgesOf(hostModelOf(state, { ...intent, network })).map((bridge) => bridge.name)
}

const masqueraded = ['-A POSTROUTING -s 198.51.100.0/24 ! -o # -j MASQUERADE']
const replies = ['-A DOCKER-CT -o # -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT']

describe('bridgesOf', () => {
  it.each([
    ['docker0', {}],
    ['docker_gwbridge', {}],
    ['br-0123456789ab', {}],
    ['bridge1', { rules: replies }],
    ['bridge1', { nat: masqueraded, ports: ['veth0123456'] }],
    ['virbr0', { nat: masqueraded }],
    ['lxdbr0', { nat: masqueraded, ports: ['veth0123456'] }],
    ['cni-podman0', { nat: masqueraded }],
  ])('finds %s, %j', (name, about) => {
    expect(bridges(name, about)).toEqual([name])
  })

  it.each([
    ['bridge1', {}],
    ['bridge1', { nat: masqueraded }],
    ['bridge1', { nat: masqueraded, ports: ['ens19', 'vnet0'] }],
    ['bridge1', { rules: ['-A DOCKER-USER -i docker0 -o # -j DROP'] }],
    ['bridge1', { rules: ['-A DOCKER -i docker0 ! -o # -j DROP'] }],
    ['ens19', { rules: replies, nat: masqueraded }],
    ['eth1', { rules: replies, nat: masqueraded }],
    ['bond1', { nat: masqueraded, ports: ['ens20', 'ens21'] }],
    ['ens19.100', { nat: masqueraded }],
    ['tun0', { rules: replies, nat: masqueraded }],
    ['tap0', { nat: masqueraded }],
    ['wg0', { nat: masqueraded }],
  ])('does not take %s for one, %j', (name, about) => {
    expect(bridges(name, about)).toEqual([])
  })

  it('finds a container of each kind of address, as rules tell them apart', () => {
    const model = modelOf({
      interfaces: ['ens18 192.0.2.11', 'docker0 172.17.0.1'],
      routes: ['192.0.2.0/24 dev ens18', '172.17.0.0/16 dev docker0 src 172.17.0.1'],
      rules: ['FORWARD -d 172.17.0.3/32 -o docker0 -j ACCEPT'],
    })
    expect(bridgesOf(model)).toEqual([
      { name: 'docker0', containers: ['172.17.0.10', '172.17.0.3'] },
    ])
  })
})
