import { describe, expect, it } from 'vitest'
import { matches } from '../../../src/flow/matching.ts'
import type { Packet } from '../../../src/flow/packet.ts'
import { afterHook, seenAt } from '../../../src/flow/walking/hook-view.ts'
import { outsider, ruleOf, worldOf } from '../asked.ts'

const before = [
  { table: 'raw', chain: 'PREROUTING' },
  { table: 'mangle', chain: 'PREROUTING' },
] as const
const behind = [
  { table: 'nat', chain: 'PREROUTING' },
  { table: 'mangle', chain: 'FORWARD' },
  { table: 'filter', chain: 'FORWARD' },
] as const

const own = { destination: '10.42.1.10', destinationPort: 8080 }
const unknown = { destination: undefined, destinationPort: undefined }
const first = { destination: '10.43.0.80', destinationPort: 80 }
const service = { originalDestination: '10.43.0.80', originalDestinationPort: 80 }
const answer = { state: 'ESTABLISHED', direction: 'REPLY' } as const
const again = { state: 'ESTABLISHED', direction: 'ORIGINAL' } as const

describe('seenAt', () => {
  it.each<readonly [string, Partial<Packet>, Partial<Packet>]>([
    ['a new packet', {}, own],
    ['an untracked packet', { state: 'UNTRACKED', snat: undefined }, own],
    ['an invalid packet', { state: 'INVALID', direction: undefined, snat: undefined }, own],
    ['an answer that nobody masqueraded', { ...answer, dnat: true }, own],
    ['an answer to whom was masqueraded', { ...answer, snat: true }, unknown],
    ['an answer to whom may have been', { ...answer, snat: undefined }, unknown],
    ['word of a fault, likewise', { ...answer, state: 'RELATED', snat: undefined }, unknown],
    ['a later packet to no service', { ...again, snat: true }, own],
    ['a later packet to a service', { ...again, ...service, dnat: true }, first],
    ['one to a service that is not known', { ...again, dnat: true }, unknown],
    ['word of a fault to a service', { ...again, ...service, state: 'RELATED', dnat: true }, first],
    [
      'one of which the direction is not known',
      { ...answer, direction: undefined, snat: undefined, dnat: undefined },
      unknown,
    ],
    ['one that is tracked perhaps, but not translated', { state: undefined }, own],
    [
      'one that is tracked perhaps',
      { state: undefined, direction: undefined, snat: undefined },
      unknown,
    ],
  ])('shows where %s goes before nat', (_, about, seen) => {
    const packet = outsider(about)
    for (const hook of before) expect(seenAt(hook, packet)).toMatchObject(seen)
    for (const hook of behind) expect(seenAt(hook, packet)).toMatchObject(own)
  })

  it('still knows the ends of a connection in mangle, where nat will send a packet', () => {
    const ends = ruleOf('-m conntrack --ctorigsrc 10.42.1.10 -m conntrack --ctreplsrc 192.168.1.66')
    const packet = seenAt(before[1], outsider({ ...answer, snat: undefined }))
    expect(matches(ends, packet, worldOf())).toBe('yes')
    const wire = ruleOf('-m conntrack --ctrepldst 10.42.1.10')
    expect(matches(wire, packet, worldOf())).toBe('maybe')
  })

  it('knows no way out in PREROUTING, and no connection in raw', () => {
    const packet = outsider(answer)
    expect(seenAt(behind[0], packet)).toMatchObject({ out: '', state: 'ESTABLISHED' })
    expect(seenAt(before[0], packet)).toMatchObject({ out: '', state: 'INVALID' })
    expect(seenAt(behind[1], packet)).toBe(packet)
  })
})

describe('afterHook', () => {
  it.each(before)('gives a packet back what $table could not see', (hook) => {
    const packet = outsider({ ...answer, snat: undefined })
    expect(afterHook(hook, packet, seenAt(hook, packet), false)).toEqual(packet)
  })
})
