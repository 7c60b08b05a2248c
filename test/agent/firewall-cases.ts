import { intent } from '../plan/host-state.ts'
import type { Host } from './host-in-namespace.ts'

const guard = (words = ''): string =>
  `-i ens18 -m set ! --match-set cluster_nodes src ${words} -j REJECT`

const chain = `
  iptables -N cali-FORWARD
  iptables -A FORWARD -m comment --comment cali:wUHhoiAYhphO9Mso -j cali-FORWARD
  iptables -A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
  iptables -A FORWARD -s 10.42.0.0/16 -j ACCEPT
  iptables -A FORWARD -d 10.42.0.0/16 -j ACCEPT
  iptables -A FORWARD -m comment --comment 'of "others" \\ and $(theirs)' -j LOG --log-prefix '- out '`

const set = (...members: string[]): string =>
  ['ipset create cluster_nodes iphash', ...members.map((m) => `ipset add cluster_nodes ${m}`)].join(
    '\n',
  )

const exact = set(...intent.members)

/** Firewalls that a host may have before a run, and what is wanted of it. `guarded`: a guard stands from first to last. */
export const cases: readonly {
  readonly name: string
  readonly script: string
  readonly wanted: typeof intent | { readonly kind: 'remove'; readonly set: string }
  readonly guarded: boolean
}[] = [
  { name: 'a fresh host', script: chain, wanted: intent, guarded: false },
  {
    name: 'a set of the right members without a rule',
    script: `${chain}\n${exact}`,
    wanted: intent,
    guarded: false,
  },
  {
    name: 'a drifted set',
    script: `${chain}\n${set('192.0.2.11', '192.0.2.99')}\niptables -I FORWARD 4 ${guard()}`,
    wanted: intent,
    guarded: true,
  },
  {
    name: 'an empty set',
    script: `${chain}\n${set()}\niptables -I FORWARD 4 ${guard()}`,
    wanted: intent,
    guarded: true,
  },
  {
    name: 'a rule too far down',
    script: `${chain}\n${exact}\niptables -A FORWARD ${guard()}`,
    wanted: intent,
    guarded: true,
  },
  {
    name: 'a rule too far up',
    script: `${chain}\n${exact}\niptables -I FORWARD 1 ${guard()}`,
    wanted: intent,
    guarded: true,
  },
  {
    name: 'a rule in the wrong place with a comment, and a drifted set',
    script: `${chain}\n${set('192.0.2.1')}\niptables -I FORWARD 1 ${guard('-m comment --comment \'ours; mine "x"\'')}`,
    wanted: intent,
    guarded: true,
  },
  {
    name: 'duplicates',
    script: `${chain}\n${exact}\niptables -I FORWARD 4 ${guard()}\niptables -I FORWARD 1 ${guard()}\niptables -A FORWARD ${guard()}`,
    wanted: intent,
    guarded: true,
  },
  {
    name: 'two interfaces instead of one',
    script: `${chain}\n${exact}\niptables -I FORWARD 4 ${guard()}`,
    wanted: { ...intent, interfaces: ['ens19', 'ens18'] },
    guarded: true,
  },
  {
    name: 'another action',
    script: `${chain}\n${exact}\niptables -I FORWARD 4 ${guard()}`,
    wanted: { ...intent, action: 'DROP' },
    guarded: true,
  },
  {
    name: 'a removal',
    script: `${chain}\n${set('192.0.2.12', '192.0.2.7')}\niptables -I FORWARD 4 ${guard()}\niptables -I FORWARD 1 ${guard()}`,
    wanted: { kind: 'remove', set: 'cluster_nodes' },
    guarded: false,
  },
]

/** Gives a host one of these firewalls and nothing else. */
export function furnish(host: Host, script: string): void {
  host.run(`/usr/sbin/iptables-legacy -F; /usr/sbin/iptables-legacy -X; /usr/sbin/ipset destroy
    ${script.replaceAll('iptables ', '/usr/sbin/iptables-legacy ').replaceAll('ipset ', '/usr/sbin/ipset ')}`)
}
