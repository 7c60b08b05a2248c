import { describe, expect, it } from 'vitest'
import { type Arrival, arrivingPacket } from '../../src/flow/arrival.ts'
import {
  type Forwarding,
  type ForwardingVerdict,
  forwarding,
  type RouteLookup,
} from '../../src/flow/hooks.ts'
import { parseRuleset } from '../../src/iptables/ruleset.ts'
import { articleRules } from '../lab/spec.ts'
import { worldOf } from './asked.ts'

const arrival: Arrival = {
  in: 'ens18',
  out: undefined,
  source: '192.168.1.66',
  destination: '10.42.1.10',
  protocol: 'tcp',
  sourcePort: 40000,
  destinationPort: 8080,
  state: 'NEW',
}

function lookUpRoute(destination: string): RouteLookup {
  if (destination.startsWith('203.')) return { kind: 'unroutable', reason: 'no route' }
  const device = destination.startsWith('10.42.1.') ? 'cali0123456789a' : 'flannel.1'
  return { kind: 'device', device }
}

function forwarded(rules: string, about: Partial<Arrival> = {}): Forwarding {
  const packet = arrivingPacket({ ...arrival, ...about })
  return forwarding(parseRuleset(rules), packet, worldOf(), lookUpRoute)
}

/** Tables as `table: rule; rule`, with a policy of DROP in FORWARD of filter. */
function tables(given: Readonly<Record<string, string>>): string {
  return Object.entries({ filter: '', ...given })
    .map(([table, text]) => {
      const rules = text.split(';').flatMap((rule) => (rule.trim() ? [`-A ${rule.trim()}`] : []))
      const chains = new Set([
        'PREROUTING',
        'FORWARD',
        ...rules.map((rule) => rule.split(' ')[1] ?? ''),
      ])
      const policy = (name: string): string =>
        name === 'FORWARD' && table === 'filter' ? 'DROP' : 'ACCEPT'
      const heads = [...chains].map(
        (name) => `:${name} ${/^[A-Z]{7,}$/.test(name) ? policy(name) : '-'} [0:0]`,
      )
      return [`*${table}`, ...heads, ...rules, 'COMMIT', ''].join('\n')
    })
    .join('')
}

/** `accept by nat PREROUTING#1 FORWARD#12`. */
function told({ verdict, by, path }: ForwardingVerdict): string {
  const rules = path.map(({ table, chain, number }) =>
    [...(table === 'filter' ? [] : [table]), `${chain}#${number}`].join(' '),
  )
  return [verdict.kind, 'by', by, ...rules].join(' ')
}

function verdicts(given: Readonly<Record<string, string>>, about: Partial<Arrival> = {}): string[] {
  return forwarded(tables(given), about).verdicts.map(told)
}

const maybe = '-m limit --limit 1/sec'

describe('forwarding', () => {
  it('lets an outsider through the chains of the article, by the rule for the pod network', () => {
    const { verdicts: found, certain } = forwarded(articleRules)
    expect(certain).toBe(true)
    expect(found.map(told)).toEqual(['accept by rule FORWARD#12'])
    expect(found[0]?.packet.out).toBe('cali0123456789a')
    expect(found[0]?.marking.map(({ chain, number }) => `${chain}#${number}`)).toEqual([
      'cali-pri-kns.default#1',
    ])
  })

  it('follows a ClusterIP of the article to its pod, with its mark', () => {
    const about = { destination: '10.43.0.80', destinationPort: 80 }
    const [first, ...more] = forwarded(articleRules, about).verdicts
    expect(more).toEqual([])
    expect(first && told(first)).toMatch(
      /^accept by rule nat PREROUTING#2 .*nat KUBE-SEP-\w+#2 FORWARD#2 KUBE-FORWARD#2$/,
    )
    expect(first?.packet).toMatchObject({
      destination: '10.42.1.10',
      destinationPort: 8080,
      dnat: true,
      originalDestination: '10.43.0.80',
      originalDestinationPort: 80,
      out: 'cali0123456789a',
    })
    expect(first?.marking.some(({ chain }) => chain === 'KUBE-MARK-MASQ')).toBe(true)
  })

  it.each([
    ['raw', 'PREROUTING'],
    ['mangle', 'PREROUTING'],
    ['mangle', 'FORWARD'],
  ])('ends where %s %s drops', (table, chain) => {
    expect(verdicts({ [table]: `${chain} -i ens18 -j DROP`, filter: 'FORWARD -j ACCEPT' })).toEqual(
      [`drop by rule ${table} ${chain}#1`],
    )
  })

  it('names the policy where no rule decides, and where one only leaves the chain', () => {
    expect(verdicts({ filter: 'FORWARD -p udp -j ACCEPT' })).toEqual(['drop by policy'])
    expect(verdicts({ filter: 'FORWARD -j RETURN; FORWARD -j ACCEPT' })).toEqual([
      'drop by policy FORWARD#1',
    ])
  })

  it('stops at the host itself, before and after translation', () => {
    expect(verdicts({}, { destination: '192.168.1.10' })).toEqual(['local by route'])
    expect(verdicts({ nat: 'PREROUTING -j DNAT --to-destination 192.168.1.10' })).toEqual([
      'local by route nat PREROUTING#1',
    ])
    expect(verdicts({ nat: 'PREROUTING -p tcp -j REDIRECT --to-ports 15001' })).toEqual([
      'local by rule nat PREROUTING#1',
    ])
  })

  it('stops where no route leads, unless the way out is given', () => {
    const accepting = { filter: 'FORWARD -o ens19 -j ACCEPT' }
    expect(verdicts(accepting, { destination: '203.0.113.1' })).toEqual(['unroutable by route'])
    expect(verdicts(accepting, { destination: '203.0.113.1', out: 'ens19' })).toEqual([
      'accept by rule FORWARD#1',
    ])
  })

  it('asks nat about new packets only', () => {
    const given = {
      nat: 'PREROUTING -j DNAT --to-destination 10.42.2.7',
      filter: 'FORWARD -d 10.42.2.7 -j ACCEPT',
    }
    expect(verdicts(given)).toEqual(['accept by rule nat PREROUTING#1 FORWARD#1'])
    expect(verdicts(given, { state: 'ESTABLISHED' })).toEqual(['drop by policy'])
  })

  it('follows a translation that is drawn by lot to each place', () => {
    const nat = `PREROUTING ${maybe} -j DNAT --to-destination 10.42.1.10:80; PREROUTING -j DNAT --to-destination 10.42.2.7:80`
    const filter = 'FORWARD -o cali+ -j ACCEPT; FORWARD -p tcp -m tcp --dport 80 -j REJECT'
    const found = forwarded(tables({ nat, filter }))
    expect(found.certain).toBe(false)
    expect(found.verdicts.map(told)).toEqual([
      'accept by rule nat PREROUTING#1 FORWARD#1',
      'reject by rule nat PREROUTING#2 FORWARD#2',
    ])
    expect(forwarded(tables({ nat, filter: 'FORWARD -j ACCEPT' })).certain).toBe(true)
  })

  it('tells what is in doubt, but not what would only have written a line', () => {
    const { verdicts: found, certain } = forwarded(
      tables({ filter: `FORWARD ${maybe} -j LOG; FORWARD ${maybe} -j ACCEPT; FORWARD -j DROP` }),
    )
    expect(certain).toBe(false)
    expect(found.map(told)).toEqual(['accept by rule FORWARD#2', 'drop by rule FORWARD#3'])
    expect(found.map(({ path }) => path.map(({ match }) => match))).toEqual([['maybe'], ['yes']])
    expect(found.map(({ doubts }) => doubts.map(({ number }) => number))).toEqual([[], [2]])
  })

  it('takes a rule that perhaps drops before the route for one of the verdicts', () => {
    expect(verdicts({ raw: `PREROUTING ${maybe} -j DROP`, filter: 'FORWARD -j ACCEPT' })).toEqual([
      'drop by rule raw PREROUTING#1',
      'accept by rule FORWARD#1',
    ])
  })

  it('carries marks from one table to the next, and joins those of packets that pass', () => {
    const filter =
      'FORWARD -m mark --mark 0x1/0x1 -j ACCEPT; FORWARD -m mark --mark 0x2/0x2 -j DROP'
    expect(verdicts({ mangle: 'PREROUTING -j MARK --set-xmark 0x1/0x1', filter })).toEqual([
      'accept by rule FORWARD#1',
    ])
    const mangle = `PREROUTING -j MARK --set-xmark 0x2/0x2; PREROUTING ${maybe} -j ACCEPT; PREROUTING -j MARK --set-xmark 0x1/0x1`
    expect(verdicts({ mangle, filter })).toEqual([
      'accept by rule FORWARD#1',
      'drop by rule FORWARD#2',
    ])
  })

  it('knows a packet that raw keeps from conntrack, and doubts one that it keeps perhaps', () => {
    const filter = 'FORWARD -m conntrack --ctstate UNTRACKED -j ACCEPT'
    const nat = 'PREROUTING -j DNAT --to-destination 192.168.1.10'
    expect(verdicts({ raw: 'PREROUTING -j CT --notrack', nat, filter })).toEqual([
      'accept by rule FORWARD#1',
    ])
    expect(verdicts({ raw: `PREROUTING ${maybe} -j NOTRACK`, nat, filter })).toEqual([
      'local by route nat PREROUTING#1',
      'accept by rule FORWARD#1',
      'drop by policy',
    ])
  })

  it('sees no connection in raw, which comes before conntrack', () => {
    const filter = 'FORWARD -m conntrack --ctstate NEW -j ACCEPT'
    const raw = (rule: string): string[] => verdicts({ raw: `PREROUTING ${rule}`, filter })
    expect(raw('-m conntrack --ctstate NEW -j DROP')).toEqual(['accept by rule FORWARD#1'])
    expect(raw('-m connmark ! --mark 0x1 -j DROP')).toEqual(['accept by rule FORWARD#1'])
    expect(raw('-m state --state INVALID -j DROP')).toEqual(['drop by rule raw PREROUTING#1'])
    expect(raw('-j CONNMARK --set-xmark 0x1/0x1; PREROUTING -m mark --mark 0x1 -j DROP')).toEqual([
      'accept by rule FORWARD#1',
    ])
    expect(raw('-j NOTRACK; PREROUTING -m state --state UNTRACKED -j DROP')).toEqual([
      'drop by rule raw PREROUTING#2',
    ])
  })

  it('doubts what raw and mangle do by the destination of a packet whose connection may be translated', () => {
    const filter = 'FORWARD -d 10.42.0.0/16 -j ACCEPT'
    const answer = { state: 'ESTABLISHED', sourcePort: 8080, destinationPort: 40000 } as const
    for (const table of ['raw', 'mangle']) {
      const given = { [table]: 'PREROUTING -d 10.42.0.0/16 -j DROP', filter }
      const dropped = `drop by rule ${table} PREROUTING#1`
      expect(verdicts(given)).toEqual([dropped])
      expect(verdicts(given, { state: 'INVALID' })).toEqual([dropped])
      for (const state of ['ESTABLISHED', 'RELATED'] as const) {
        expect(verdicts(given, { ...answer, state })).toEqual([dropped, 'accept by rule FORWARD#1'])
      }
      const ours = { [table]: 'PREROUTING -s 192.168.1.66 -j DROP', filter }
      expect(verdicts(ours, answer)).toEqual([dropped])
    }
  })

  it('takes what raw keeps from conntrack for not translated', () => {
    const filter = 'FORWARD -m conntrack --ctstate UNTRACKED -j ACCEPT'
    const answer = { state: 'ESTABLISHED', destinationPort: 40000 } as const
    const raw = (rule: string): string[] => verdicts({ raw: `PREROUTING ${rule}`, filter }, answer)
    expect(raw('-p tcp -m tcp --dport 4789 -j NOTRACK')).toEqual(['drop by policy'])
    expect(raw('-d 10.42.0.0/16 -j NOTRACK')).toEqual([
      'accept by rule FORWARD#1',
      'drop by policy',
    ])
    expect(raw('-p tcp -j NOTRACK')).toEqual(['accept by rule FORWARD#1'])
  })

  it('lets the first rule decide whether raw keeps a packet from conntrack', () => {
    const filter = 'FORWARD -m conntrack --ctstate UNTRACKED -j ACCEPT'
    const raw = (...rules: readonly string[]): string[] =>
      verdicts({ raw: rules.map((rule) => `PREROUTING ${rule}`).join('; '), filter })
    expect(raw('-j NOTRACK', '-j CT --zone 5')).toEqual(['accept by rule FORWARD#1'])
    expect(raw('-j CT --zone 5')).toEqual(['drop by policy'])
    expect(raw('-j CT --zone 5', '-j NOTRACK')).toEqual(['drop by policy'])
    expect(raw(`${maybe} -j CT --zone 5`, '-j NOTRACK')).toEqual([
      'accept by rule FORWARD#1',
      'drop by policy',
    ])
    expect(verdicts({ raw: 'PREROUTING -j NOTRACK', filter }, { state: 'INVALID' })).toEqual([
      'accept by rule FORWARD#1',
    ])
  })

  it('knows no way out in PREROUTING, even of a packet that has one', () => {
    const mangle =
      'PREROUTING -j EARLY; EARLY -o ens19 -j DROP; EARLY ! -o ens19 -j MARK --set-xmark 0x1/0x1'
    const filter = 'FORWARD -m mark --mark 0x1/0x1 -o ens19 -j ACCEPT'
    expect(verdicts({ mangle, filter }, { out: 'ens19' })).toEqual(['accept by rule FORWARD#1'])
  })

  it('forwards nothing that is for everybody around', () => {
    expect(verdicts({}, { destination: '255.255.255.255' })).toEqual(['local by route'])
  })

  it('takes nothing for translated that goes where it went', () => {
    const filter = 'FORWARD -m conntrack --ctstate DNAT -j ACCEPT'
    const nat = 'PREROUTING -j DNAT --to-destination 10.42.1.10'
    expect(verdicts({ nat, filter })).toEqual(['drop by policy nat PREROUTING#1'])
  })

  it('is sure of nothing behind a target that it does not know', () => {
    const found = forwarded(tables({ filter: 'FORWARD -j NFQUEUE --queue-num 1' }))
    expect(found.verdicts.map(told)).toEqual(['unknown by rule FORWARD#1', 'drop by policy'])
    expect(found.certain).toBe(false)
  })

  it('asks no route for one of several addresses, and knows no way out then', () => {
    const found = forwarded(
      tables({
        nat: 'PREROUTING -j DNAT --to-destination 10.42.1.1-10.42.2.9',
        filter: 'FORWARD -o cali+ -j ACCEPT',
      }),
    )
    expect(found.verdicts.map(told)).toEqual([
      'accept by rule nat PREROUTING#1 FORWARD#1',
      'drop by policy nat PREROUTING#1',
    ])
    expect(found.verdicts[0]?.packet.out).toBeUndefined()
  })

  it('follows a packet that a rule before FORWARD may have accepted, though the next one drops it', () => {
    const given = { mangle: 'FORWARD -j NFQUEUE; FORWARD -j DROP', filter: 'FORWARD -j ACCEPT' }
    expect(verdicts(given)).toEqual([
      'unknown by rule mangle FORWARD#1',
      'drop by rule mangle FORWARD#2',
      'accept by rule FORWARD#1',
    ])
  })

  it('takes any destination for possible where it does not know what a rule of nat does', () => {
    const given = { nat: 'PREROUTING -j STRANGE', filter: 'FORWARD -d 10.43.0.0/16 -j ACCEPT' }
    expect(verdicts(given)).toEqual([
      'unknown by rule nat PREROUTING#1',
      'accept by rule nat PREROUTING#1 FORWARD#1',
      'drop by policy nat PREROUTING#1',
      'drop by policy',
    ])
  })
})
