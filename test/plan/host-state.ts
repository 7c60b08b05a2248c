import type { HostState } from '../../src/facts/state.ts'
import type { ForwardIntent } from '../../src/guard/intent.ts'
import { parseSets } from '../../src/ipset/sets.ts'
import { parseRuleset } from '../../src/iptables/ruleset.ts'

export const intent: ForwardIntent = {
  kind: 'forward',
  set: 'cluster_nodes',
  members: ['192.0.2.11', '192.0.2.12'],
  interfaces: ['ens18'],
  action: 'REJECT',
  published: undefined,
  position: 'auto',
  podCidrs: ['10.42.0.0/16'],
  network: {
    interfaces: [{ name: 'ens18', up: true, addresses: ['192.0.2.11'] }],
    routes: [
      { kind: 'unicast', cidr: '192.0.2.0/24', via: undefined, device: 'ens18', source: undefined },
      {
        kind: 'unicast',
        cidr: '10.42.1.10/32',
        via: undefined,
        device: 'cali1',
        source: undefined,
      },
    ],
  },
}

export const guard =
  '-A FORWARD -i ens18 -m set ! --match-set cluster_nodes src -j REJECT --reject-with icmp-port-unreachable'

export const exactSet = `create cluster_nodes hash:ip family inet hashsize 1024 maxelem 65536
add cluster_nodes 192.0.2.12
add cluster_nodes 192.0.2.11`

/** What Calico, kube-proxy and flannel have in FORWARD, in short. Our rule belongs at position 4. */
const foreign: readonly string[] = [
  '-A FORWARD -m comment --comment "cali:wUHhoiAYhphO9Mso" -j cali-FORWARD',
  '-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  '-A FORWARD -s 10.42.0.0/16 -j ACCEPT',
  '-A FORWARD -d 10.42.0.0/16 -j ACCEPT',
]

/** The rules of FORWARD with ours inserted at these positions, the lowest first. */
export function forward(...ours: readonly (readonly [position: number, rule: string])[]): string[] {
  const rules = [...foreign]
  for (const [position, rule] of ours) rules.splice(position - 1, 0, rule)
  return rules
}

/** A host with these rules in FORWARD, these sets, and further tables as `iptables-save` prints them. */
export function hostState(rules: readonly string[], sets = '', tables = ''): HostState {
  return {
    ruleset: parseRuleset(
      `*filter\n:FORWARD DROP [0:0]\n:cali-FORWARD - [0:0]\n${rules.join('\n')}\nCOMMIT\n${tables}`,
    ),
    sets: parseSets(sets),
    fingerprint: '1 1',
  }
}
