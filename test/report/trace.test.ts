import { describe, expect, it } from 'vitest'
import { type Arrival, arrivingPacket } from '../../src/flow/arrival.ts'
import { forwarding, type RouteLookup } from '../../src/flow/hooks.ts'
import { parseSets } from '../../src/ipset/sets.ts'
import { parseRuleset } from '../../src/iptables/ruleset.ts'
import { jsonOfTrace, renderTrace, type TraceReport } from '../../src/report/trace.ts'
import { contentOf } from './contract.ts'
import { noPaint } from './run.ts'

const arrival: Arrival = {
  in: 'ens18',
  out: undefined,
  source: '192.0.2.66',
  destination: '10.42.1.10',
  protocol: 'tcp',
  sourcePort: undefined,
  destinationPort: 8080,
  state: 'NEW',
}

function traced(
  rules: readonly string[],
  about: Partial<Arrival> = {},
  way: RouteLookup = { kind: 'device', device: 'cali1' },
): TraceReport {
  const asked = { ...arrival, ...about }
  const text = [
    ...['raw', 'nat'].flatMap((table) => [
      `*${table}`,
      ':PREROUTING ACCEPT [0:0]',
      ...rules.filter(
        (rule) => rule.includes('PREROUTING') && rule.includes(' DNAT ') === (table === 'nat'),
      ),
      'COMMIT',
    ]),
    '*filter',
    ':FORWARD DROP [0:0]',
    ':A - [0:0]',
    ...rules.filter((rule) => !rule.includes('PREROUTING')),
    'COMMIT',
    '',
  ].join('\n')
  const world = { sets: parseSets(''), localAddresses: ['192.0.2.11', '10.43.0.80'] }
  const found = forwarding(parseRuleset(text), arrivingPacket(asked), world, () => way)
  return {
    ...{ host: 'node1', arrival: asked, forwarding: found, table: undefined, whole: true },
    services: ['10.43.0.80'],
  }
}

function text(report: TraceReport): string {
  return renderTrace(report, noPaint).join('\n')
}

describe('renderTrace', () => {
  it('does not call a packet for a ClusterIP of IPVS one for the host itself', () => {
    expect(text(traced([], { destination: '10.43.0.80' }))).toContain(
      'trace: node1: not forwarded: the host has this service address as its own. INPUT decides first. Then, if the service has this port, IPVS sends the packet on to an endpoint. FORWARD does not see it.',
    )
    expect(text(traced([], { destination: '192.0.2.11' }))).toContain(
      'the packet is for the host itself, so INPUT decides',
    )
  })

  it('tells the rule that decides, those that lead there, and where the packet leaves', () => {
    expect(text(traced(['-A FORWARD -p udp', '-A FORWARD -j A', '-A A -o cali+ -j ACCEPT']))).toBe(
      `PACKET
  tcp 192.0.2.66 -> 10.42.1.10:8080, NEW, in ens18

VERDICT
  accepted by A 1
    out cali1, as the routes say
    FORWARD 2: -A FORWARD -j A
    A 1: -A A -o cali+ -j ACCEPT

trace: node1: accepted by A 1.`,
    )
  })

  it('ends at the table of fw-run where that stops the packet, and where fw-run reads no other rules', () => {
    const report = traced(['-A FORWARD -j ACCEPT'])
    expect(text({ ...report, table: 'stops' })).toContain(
      'trace: node1: stopped by table inet fw_run.',
    )
    expect(text({ ...report, table: 'passes', whole: false })).toContain(
      'fw-run does not read the other rules of this host',
    )
    expect(text({ ...report, whole: false })).toContain(
      'there is no guard of fw-run before routing',
    )
    expect(text({ ...report, table: 'passes' })).toContain('trace: node1: accepted by FORWARD 1.')
    expect(text({ ...report, chain: 'stops' })).toContain(
      'trace: node1: stopped by chain FW-RUN of mangle.',
    )
  })

  it.each(['table', 'chain'] as const)(
    'is not certain where it does not know whether our %s stops the packet',
    (guard) => {
      const report = { ...traced(['-A FORWARD -j ACCEPT']), [guard]: 'unsure' }
      const shown = text(report)
      expect(shown).toContain('another rule may decide first')
      expect(shown).toContain('not certain: accepted by FORWARD 1\n')
      expect(shown).toMatch(
        /\ntrace: node1: not certain: fw-run does not know whether .* stops the packet\.$/,
      )
      expect(jsonOfTrace(report)).toMatchObject({ certain: false, verdicts: [{ certain: false }] })
    },
  )

  it('names the policy where no rule decides', () => {
    expect(text(traced([], { out: 'ens19' }))).toBe(`PACKET
  tcp 192.0.2.66 -> 10.42.1.10:8080, NEW, in ens18, out ens19

VERDICT
  dropped by policy DROP of FORWARD

trace: node1: dropped by policy DROP of FORWARD.`)
  })

  it('tells translation and marks', () => {
    const rules = [
      '-A PREROUTING -j DNAT --to-destination 10.42.1.11:80',
      '-A FORWARD -j MARK --set-xmark 0x1/0x1',
      '-A FORWARD -m mark --mark 0x1/0x1 -j REJECT --reject-with icmp-port-unreachable',
    ]
    expect(text(traced(rules))).toContain(`  rejected by FORWARD 2
    translated to 10.42.1.11:80
    out cali1, as the routes say
    nat PREROUTING 1: -A PREROUTING -j DNAT --to-destination 10.42.1.11:80
    FORWARD 2: -A FORWARD -m mark --mark 0x1/0x1 -j REJECT --reject-with icmp-port-unreachable
    mark changed by FORWARD 1: -A FORWARD -j MARK --set-xmark 0x1/0x1
`)
  })

  it('lists every possible verdict, what it hangs on, and what was not given', () => {
    const rules = ['-A FORWARD -p tcp -m tcp --sport 53 -j ACCEPT', '-A FORWARD -j DROP']
    expect(text(traced(rules))).toBe(`PACKET
  tcp 192.0.2.66 -> 10.42.1.10:8080, NEW, in ens18

VERDICTS
  not certain: accepted by FORWARD 1
    out cali1, as the routes say
    FORWARD 1: -A FORWARD -p tcp -m tcp --sport 53 -j ACCEPT   (not certain)
  not certain: dropped by FORWARD 2
    out cali1, as the routes say
    FORWARD 2: -A FORWARD -j DROP
    only if the packet does not match FORWARD 1: -A FORWARD -p tcp -m tcp --sport 53 -j ACCEPT   (not certain)

Not given, so any value is possible: --sport.
trace: node1: not certain: see each verdict above.`)
  })

  it('says that raw sees another destination of a connection that is translated', () => {
    const rules = [
      '-A PREROUTING -d 10.42.0.0/16 -p tcp -m tcp --dport 40000 -j DROP',
      '-A FORWARD -d 10.42.0.0/16 -j ACCEPT',
    ]
    const answer = { destinationPort: undefined, state: 'ESTABLISHED' } as const
    expect(text(traced(rules, answer))).toBe(`PACKET
  tcp 192.0.2.66 -> 10.42.1.10, ESTABLISHED, in ens18
  existing connection: fw-run reads --to as the destination after nat

VERDICTS
  not certain: dropped by raw PREROUTING 1
    raw PREROUTING 1: -A PREROUTING -d 10.42.0.0/16 -p tcp -m tcp --dport 40000 -j DROP   (not certain)
  not certain: accepted by FORWARD 1
    out cali1, as the routes say
    FORWARD 1: -A FORWARD -d 10.42.0.0/16 -j ACCEPT
    only if the packet does not match raw PREROUTING 1: -A PREROUTING -d 10.42.0.0/16 -p tcp -m tcp --dport 40000 -j DROP   (not certain)

fw-run does not know the destination before nat. So rules in raw and mangle PREROUTING that test the destination are shown as not certain.
trace: node1: not certain: see each verdict above.`)
    expect(text(traced(rules))).not.toContain('Not known')
    expect(text(traced(['-A FORWARD -m limit --limit 1/sec -j ACCEPT'], answer))).not.toContain(
      'Not known',
    )
  })

  it('names no flag that would not help', () => {
    const asks = (rule: string): string => text(traced([rule], { destinationPort: undefined }))
    expect(asks('-A FORWARD -m limit --limit 1/sec -j ACCEPT')).not.toContain('Not given')
    expect(asks('-A FORWARD -p tcp -m multiport --dports 80,443 -j ACCEPT')).toContain(
      'Not given, so any value is possible: --dport.',
    )
    const any = traced(['-A FORWARD -p tcp -m tcp --dport 80 -j ACCEPT'], {
      protocol: undefined,
      destinationPort: undefined,
    })
    expect(text(any)).toContain('Not given, so any value is possible: --proto, --dport.')
  })

  it('is sure of a verdict that several rules may give', () => {
    const report = traced(['-A FORWARD -m limit --limit 1/sec -j DROP'])
    expect(text(report)).toMatch(
      /not certain: dropped by FORWARD 1\n.*not certain: dropped by policy DROP/s,
    )
    expect(text(report)).toMatch(/\ntrace: node1: dropped in every case\.$/)
  })

  it('is sure that a packet is never forwarded, for several reasons', () => {
    const rules = ['-A PREROUTING -m limit --limit 1/sec -j DNAT --to-destination 10.42.1.11']
    const nowhere = { kind: 'unroutable', reason: 'no route leads there' } as const
    expect(text(traced(rules, {}, nowhere))).toMatch(
      /\ntrace: node1: never forwarded: see each verdict above\.$/,
    )
  })

  it.each([
    [
      'the host itself',
      traced([], { destination: '192.0.2.11' }),
      'not forwarded: the packet is for the host itself, so INPUT decides',
    ],
    [
      'nowhere',
      traced([], {}, { kind: 'unroutable', reason: 'no route leads to 10.42.1.10' }),
      'not forwarded: no route leads to 10.42.1.10',
    ],
  ])('says that a packet is not forwarded: it is for %s', (_, report, words) => {
    expect(text(report)).toContain(`VERDICT\n  ${words}\n`)
    expect(text(report)).toContain(`trace: node1: ${words}.`)
  })

  it('says what it does not know: a target, the way out, a connection that exists', () => {
    expect(text(traced(['-A FORWARD -j NFQUEUE --queue-num 1']))).toContain(
      'not certain, because of FORWARD 1: NFQUEUE asks a program on the host',
    )
    expect(text(traced([], {}, { kind: 'device', device: undefined }))).toContain(
      'out: unknown, several routes lead to the destination',
    )
    expect(text(traced([], { state: 'ESTABLISHED' }))).toContain(
      'existing connection: fw-run reads --to as the destination after nat',
    )
    expect(text(traced([], { protocol: undefined, destinationPort: undefined }))).toContain(
      'any protocol 192.0.2.66 -> 10.42.1.10, NEW',
    )
  })
})

describe('jsonOfTrace', () => {
  it('has each verdict with its path', () => {
    expect(contentOf('trace', jsonOfTrace(traced(['-A FORWARD -p tcp -j ACCEPT'])))).toMatchObject({
      host: 'node1',
      packet: { in: 'ens18', source: '192.0.2.66', destination: '10.42.1.10' },
      verdicts: [
        {
          verdict: 'accept',
          certain: true,
          out: 'cali1',
          path: [
            {
              table: 'filter',
              chain: 'FORWARD',
              number: 1,
              rule: '-A FORWARD -p tcp -j ACCEPT',
            },
          ],
        },
      ],
    })
  })
})
