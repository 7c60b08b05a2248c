import { describe, expect, it } from 'vitest'
import type { ForwardIntent } from '../../../src/guard/intent.ts'
import { findPosition } from '../../../src/placement/placement.ts'
import { hostState, intent } from '../../plan/host-state.ts'

const replies = '-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT'
const pods = '-A FORWARD -d 10.42.0.0/16 -j ACCEPT'

/** The lines of traffic whose title begins so, as `TITLE: BEFORE, AFTER`. */
function traffic(
  beginning: string,
  rules: readonly string[],
  wanted: Partial<ForwardIntent> = {},
  tables = '',
): readonly string[] {
  const placement = findPosition(hostState(rules, '', tables), { ...intent, ...wanted })
  if (placement.kind === 'refused') throw new Error(placement.reason)
  return placement.traffic
    .filter(({ title }) => title.startsWith(beginning))
    .map(({ title, before, after }) => `${title}: ${before}, ${after}`)
}

describe('trafficInPieces', () => {
  it('shows what the rule of fw-run rejects or drops, and what it leaves alone', () => {
    const rules = [replies, pods]
    expect(traffic('outsider → pod here, TCP', rules)).toEqual([
      'outsider → pod here, TCP: accepted, rejected',
    ])
    expect(traffic('outsider → pod here, TCP', rules, { action: 'DROP' })).toEqual([
      'outsider → pod here, TCP: accepted, dropped',
    ])
    expect(traffic('node → pod here', rules)).toEqual(['node → pod here: accepted, accepted'])
  })

  it('shows what other rules reject and drop', () => {
    const udp = '-A FORWARD -p udp -j REJECT'
    const ping = '-A FORWARD -p icmp -m icmp --icmp-type 8 -j DROP'
    const rules = [udp, ping, replies, '-A FORWARD -p tcp -m limit --limit 1/sec -j DROP', pods]
    const wanted = { position: 4 }
    expect(traffic('outsider → pod here, UDP', rules, wanted)).toEqual([
      'outsider → pod here, UDP: rejected, rejected',
    ])
    expect(traffic('outsider → pod here, ping', rules, wanted)).toEqual([
      'outsider → pod here, ping: dropped, dropped',
    ])
    expect(traffic('node → pod here', rules, wanted)).toEqual(['node → pod here: unsure, unsure'])
  })

  it('shows what the policy does at the end of the chain', () => {
    const accept = '-A FORWARD -i cali+ -j ACCEPT'
    expect(traffic('pod here → outsider', [replies, pods])).toEqual([
      'pod here → outsider: dropped, dropped',
    ])
    expect(traffic('pod here → outsider', [replies, accept, pods])).toEqual([
      'pod here → outsider: accepted, accepted',
    ])
  })

  it('splits one title by what happens, with an example of each', () => {
    const rules = [replies, '-A FORWARD -s 192.0.2.64/28 -j DROP', pods]
    expect(traffic('outsider → pod here, TCP', rules, { position: 3 })).toEqual([
      'outsider → pod here, TCP (192.0.2.254 → 10.42.1.10): accepted, rejected',
      'outsider → pod here, TCP (192.0.2.65 → 10.42.1.10): dropped, dropped',
    ])
  })

  it('shows each interface for itself', () => {
    const route = { kind: 'unicast', via: undefined, source: undefined } as const
    const routes = [
      ...intent.network.routes,
      { ...route, cidr: '198.51.100.0/24', device: 'ens19' },
    ]
    const network = { ...intent.network, routes }
    const wanted = { network, interfaces: ['ens18', 'ens19'], position: 2 }
    const rules = [replies, '-A FORWARD -i ens19 -p sctp -j DROP', pods]
    expect(traffic('outsider → pod here, SCTP', rules, wanted)).toEqual([
      'outsider → pod here, SCTP, ens18: accepted, rejected',
      'outsider → pod here, SCTP, ens19: dropped, rejected',
    ])
  })

  it('shows each protocol that a rule names by its number', () => {
    const rules = [replies, '-A FORWARD -p gre -j DROP', pods]
    expect(traffic('outsider → pod here, protocol 47', rules, { position: 2 })).toEqual([
      'outsider → pod here, protocol 47: dropped, rejected',
    ])
  })

  it('shows all published ports of one outcome in one line', () => {
    const dnat = [80, 443].map(
      (port) => `-A PREROUTING -p tcp -m tcp --dport ${port} -j DNAT --to-destination 10.42.1.10`,
    )
    const nat = `*nat\n:PREROUTING ACCEPT [0:0]\n${dnat.join('\n')}\nCOMMIT`
    const rules = [replies, '-A FORWARD -p tcp -m tcp --dport 443 -j LOG', pods]
    expect(traffic('outsider → published', rules, { published: 'allow' }, nat)).toEqual([
      'outsider → published ports: accepted, accepted',
      'outsider → published ports, later packets: accepted, accepted',
      'outsider → published ports, ICMP errors: accepted, accepted',
    ])
  })
})
