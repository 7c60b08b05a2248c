import { describe, expect, it } from 'vitest'
import type { Arrival } from '../../src/flow/arrival.ts'
import { tableVerdict } from '../../src/guard/table-verdict.ts'
import { parseTable } from '../../src/nft/printed-table.ts'
import { printed } from './nft-intent.ts'

const asked: Arrival = {
  in: 'ens18',
  out: undefined,
  source: '192.0.2.99',
  destination: '10.43.0.1',
  protocol: 'tcp',
  sourcePort: undefined,
  destinationPort: 80,
  state: 'NEW',
}

function verdict(arrival: Partial<Arrival>, text = printed) {
  return tableVerdict(parseTable(text) ?? expect.fail('no table'), { ...asked, ...arrival })
}

describe('tableVerdict', () => {
  it.each([
    ['an outsider', {}, 'stops'],
    ['an outsider by IPv6', { source: 'fd00::99', destination: 'fd42::1' }, 'stops'],
    ['a packet of no connection', { state: 'INVALID' }, 'stops'],
    ['a member', { source: '192.0.2.11' }, 'passes'],
    ['another interface', { in: 'ens19' }, 'passes'],
    ['another destination', { destination: '10.44.0.1' }, 'passes'],
    ['a packet that may be an answer', { state: 'ESTABLISHED' }, 'unsure'],
  ] as const)('%s: %o %s', (_, arrival, expected) => {
    expect(verdict(arrival)).toBe(expected)
  })

  it('is unsure where somebody has put in a rule', () => {
    expect(verdict({}, printed.replace('iifname "ens18" ip ', 'accept\n\t\t$&'))).toBe('unsure')
  })

  it('counts all interfaces that a pattern means', () => {
    const text = printed.replaceAll('"ens18"', '"bond0.*"')
    expect(verdict({ in: 'bond0.5' }, text)).toBe('stops')
    expect(verdict({ in: 'bond0' }, text)).toBe('passes')
  })

  it('is right in the form that asks conntrack', () => {
    const text = printed
      .replaceAll('ip daddr', 'ct direction original ct original ip daddr')
      .replace('hook prerouting', 'hook forward')
    expect(verdict({}, text)).toBe('stops')
    expect(verdict({ destination: '10.44.0.1' }, text)).toBe('passes')
  })
})
