import { describe, expect, it } from 'vitest'
import { knownBits } from '../../src/flow/bits.ts'
import type { Packet } from '../../src/flow/packet.ts'
import { positionRanges } from '../../src/flow/positions.ts'
import type { PossibleVerdict } from '../../src/flow/verdict.ts'
import { walk } from '../../src/flow/walk.ts'
import { parseRuleset } from '../../src/iptables/ruleset.ts'
import { outsider, worldOf } from './asked.ts'

const maybe = '-m limit --limit 1/sec'

function answer(rules: string, about: Partial<Packet> = {}, policy = 'DROP', table = 'filter') {
  const lines = rules
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
  const chains = new Set(lines.map((line) => line.split(' ')[1] ?? ''))
  const heads = [...chains].map((chain) => `:${chain} ${chain === 'FORWARD' ? policy : '-'} [0:0]`)
  const text = [`*${table}`, ...heads, ...lines, 'COMMIT'].join('\n')
  return walk(parseRuleset(text), table, 'FORWARD', outsider(about), worldOf())
}

/** `accept C#2`, the rule that gives the verdict, or `drop policy`. */
function told({ verdict, path }: PossibleVerdict): string {
  const last = path.at(-1)
  return `${verdict.kind} ${last ? `${last.chain}#${last.number}` : 'policy'}`
}

function verdicts(rules: string, policy = 'DROP'): readonly string[] {
  return answer(rules, {}, policy).verdicts.map(told)
}

describe('walk', () => {
  it('comes back from a jump, and past the jump from a goto', () => {
    const chains = `
      -A A -g B
      -A A -j DROP
      -A B -m comment --comment b
    `
    expect(verdicts(`-A FORWARD -j A\n-A FORWARD -j ACCEPT${chains}`)).toEqual(['accept FORWARD#2'])
    expect(verdicts(`-A FORWARD -g A\n-A FORWARD -j ACCEPT${chains}`)).toEqual(['drop FORWARD#1'])
    expect(verdicts(`-A FORWARD -j B\n-A FORWARD -j ACCEPT${chains}`)).toEqual(['accept FORWARD#2'])
  })

  it('goes to the policy by RETURN at the top, and out of a chain elsewhere', () => {
    expect(verdicts('-A FORWARD -j RETURN\n-A FORWARD -j ACCEPT')).toEqual(['drop FORWARD#1'])
    expect(verdicts('-A FORWARD -j A\n-A FORWARD -j ACCEPT\n-A A -j RETURN\n-A A -j DROP')).toEqual(
      ['accept FORWARD#2'],
    )
    expect(verdicts('-A FORWARD -m comment --comment x', 'ACCEPT')).toEqual(['accept policy'])
  })

  it('tells the rules that lead to a verdict, and those that matched', () => {
    const { verdicts, matched, certain } = answer(
      '-A FORWARD -j A\n-A A -p udp -j DROP\n-A A -g B\n-A B -j REJECT --reject-with tcp-reset',
    )
    expect(certain).toEqual({ kind: 'reject', with: 'tcp-reset' })
    expect(verdicts[0]?.path.map(({ chain, number }) => `${chain}#${number}`)).toEqual([
      'FORWARD#1',
      'A#2',
      'B#1',
    ])
    expect(matched.map(({ rule }) => rule.raw)).toEqual([
      '-A FORWARD -j A',
      '-A A -g B',
      '-A B -j REJECT --reject-with tcp-reset',
    ])
  })

  it('gives both verdicts where a rule matches perhaps, and one where they agree', () => {
    expect(verdicts(`-A FORWARD ${maybe} -j ACCEPT`)).toEqual(['accept FORWARD#1', 'drop policy'])
    expect(answer(`-A FORWARD ${maybe} -j ACCEPT`).certain).toBeUndefined()
    expect(answer(`-A FORWARD ${maybe} -j DROP`).certain).toEqual({ kind: 'drop' })
    expect(verdicts(`-A FORWARD ${maybe} -j A\n-A FORWARD -j DROP\n-A A -j ACCEPT`)).toEqual([
      'accept A#1',
      'drop FORWARD#2',
    ])
    expect(verdicts(`-A FORWARD ${maybe} -g A\n-A FORWARD -j DROP\n-A A -p udp`)).toEqual([
      'drop FORWARD#1',
      'drop FORWARD#2',
    ])
    expect(
      verdicts(`-A FORWARD -j A\n-A FORWARD -j DROP\n-A A ${maybe} -j RETURN\n-A A -j ACCEPT`),
    ).toEqual(['accept A#2', 'drop FORWARD#2'])
  })

  it('carries marks through chains', () => {
    const rules = `
      -A FORWARD -j A
      -A FORWARD -m mark --mark 0x30000/0x30000 -j ACCEPT
      -A A -j MARK --set-xmark 0x10000/0x10000
      -A A -m mark --mark 0x10000/0x10000 -j B
      -A B -j MARK --or-mark 0x20000
    `
    expect(answer(rules)).toMatchObject({
      certain: { kind: 'accept' },
      packet: { mark: knownBits(0x30000) },
    })
  })

  it.each([
    ['--set-mark 0xf', 0xf],
    ['--set-mark 0xf/0xff00', 0x3f],
    ['--set-xmark 0xf/0xff', 0x120f],
    ['--set-xmark 0xf/0x0', 0x123b],
    ['--and-mark 0xff', 0x34],
    ['--or-mark 0x1', 0x1235],
    ['--xor-mark 0x4', 0x1230],
  ])('knows what MARK %s makes of 0x1234', (option, value) => {
    expect(answer(`-A FORWARD -j MARK ${option}`, { mark: knownBits(0x1234) }).packet.mark).toEqual(
      knownBits(value),
    )
  })

  it('copies marks from and to the connection, if there is one', () => {
    const marks = { mark: knownBits(0x12), connmark: knownBits(0x340) }
    const changed = (option: string, state?: 'UNTRACKED'): Packet =>
      answer(`-A FORWARD -j CONNMARK ${option}`, { ...marks, ...(state ? { state } : {}) }).packet
    expect(changed('--save-mark --nfmask 0xf --ctmask 0xff').connmark).toEqual(knownBits(0x302))
    expect(changed('--restore-mark --nfmask 0xffffffff --ctmask 0xffffffff').mark).toEqual(
      knownBits(0x340),
    )
    expect(changed('--set-xmark 0x1/0x1').connmark).toEqual(knownBits(0x341))
    expect(changed('--set-xmark 0x1/0x1', 'UNTRACKED').connmark).toEqual(knownBits(0x340))
    expect(changed('--restore-mark --mask 0xf0').mark).toEqual(knownBits(0x42))
    expect(changed('--restore-mark --left-shift-mark 2').mark.known).toBe(0)
    expect(changed('--save-mark --mask 0xf').connmark).toEqual(knownBits(0x342))
    expect(changed('--save-mark --nfmask some --ctmask 0xff').connmark.known).toBe(0)
    expect(changed('--set-mark 0x1/0x1 --other').connmark.known).toBe(0)
  })

  it('keeps only the bits that are alike where a mark is set perhaps', () => {
    const { packet, certain } = answer(`
      -A FORWARD ${maybe} -j MARK --set-xmark 0x1/0x3
      -A FORWARD -m mark --mark 0x0/0x2 -j ACCEPT
    `)
    expect(certain).toEqual({ kind: 'accept' })
    expect(packet.mark).toEqual({ value: 0, known: 0xfffffffe })
  })

  it('takes a target that it does not know for one that may do anything', () => {
    const { verdicts, certain } = answer(
      '-A FORWARD -j NFQUEUE --queue-num 1\n-A FORWARD -m mark --mark 0x1/0x1 -j ACCEPT',
    )
    expect(verdicts.map(told)).toEqual(['unknown FORWARD#1', 'accept FORWARD#2', 'drop policy'])
    expect(certain).toBeUndefined()
    expect(answer('-A FORWARD -j NOWHERE', {}, 'ACCEPT').certain).toBeUndefined()
  })

  it('walks past targets that only look or change what no match asks for', () => {
    expect(
      verdicts(
        '-A FORWARD -j LOG --log-prefix "-j DROP "\n-A FORWARD -j NFLOG\n-A FORWARD -p tcp -j TCPMSS --clamp-mss-to-pmtu\n-A FORWARD -j ACCEPT',
      ),
    ).toEqual(['accept FORWARD#4'])
  })

  describe('with a rule that changes a set', () => {
    const sets = 'create s hash:ip family inet\ncreate other hash:ip family inet'
    const asked = (changing: string, set: string): readonly string[] => {
      const ruleset = parseRuleset(
        `*filter\n:FORWARD DROP [0:0]\n:A - [0:0]\n${changing}\n-A FORWARD -m set --match-set ${set} src -j ACCEPT\nCOMMIT\n`,
      )
      return walk(ruleset, 'filter', 'FORWARD', outsider(), worldOf(sets)).verdicts.map(told)
    }

    it.each([
      ['surely', '-A FORWARD -j SET --add-set s src'],
      ['perhaps', `-A FORWARD ${maybe} -j SET --add-set s src`],
      ['perhaps, in a chain', `-A FORWARD ${maybe} -j A\n-A A -j SET --add-set s src`],
      ['or takes from it', '-A FORWARD -j SET --del-set s src'],
      ['together with another', '-A FORWARD -j SET --add-set other src --del-set s src'],
    ])('no longer trusts it: a rule that changes it %s', (_, changing) => {
      expect(asked(changing, 's').map((line) => line.split(' ')[0])).toEqual(['accept', 'drop'])
    })

    it('still trusts the others', () => {
      expect(asked('-A FORWARD -j SET --add-set s src', 'other')).toEqual(['drop policy'])
      expect(asked(`-A FORWARD ${maybe} -j SET --add-set s src`, 'other')).toEqual(['drop policy'])
    })
  })

  it.each([
    ['-j DNAT --to-destination 10.42.1.10:80', { kind: 'dnat', to: '10.42.1.10:80' }],
    ['-j REDIRECT --to-ports 15001', { kind: 'redirect', to: '15001' }],
    ['-j SNAT --to-source 192.168.1.10', { kind: 'snat', to: '192.168.1.10' }],
    ['-j MASQUERADE --random-fully', { kind: 'masquerade', to: undefined }],
  ])('gives the verdicts of nat: %s', (target, verdict) => {
    expect(answer(`-A FORWARD ${target}`, {}, 'ACCEPT', 'nat').certain).toEqual(verdict)
  })

  it('ends in a chain that jumps into itself, and in one too deep', () => {
    expect(verdicts('-A FORWARD -j A\n-A A -j B\n-A B -j A')).toEqual([
      'unknown B#1',
      'drop policy',
    ])
    const deep = Array.from({ length: 5000 }, (_, i) => `-A C${i} -j C${i + 1}`).join('\n')
    expect(answer(`-A FORWARD -j C0\n${deep}`).certain).toBeUndefined()
  })

  const fan = (depth: number, rules: (i: number) => string): string =>
    ['-A FORWARD -j C0', ...Array.from({ length: depth }, (_, i) => rules(i))].join('\n')

  it('follows chains that fan out, as long as a packet comes to each in the same state', () => {
    const jumps = (i: number): string =>
      `-A C${i} ${maybe} -j C${i + 1}\n-A C${i} ${maybe} -j C${i + 1}`
    const { certain, complete, matched } = answer(
      `${fan(60, jumps)}\n-A C60 ${maybe} -j DROP\n-A C60 -p udp -j ACCEPT`,
    )
    expect({ certain, complete }).toEqual({ certain: { kind: 'drop' }, complete: true })
    expect(matched.length).toBeLessThan(2000)
    const accepting = answer(`${fan(60, jumps)}\n-A C60 ${maybe} -j ACCEPT`)
    expect(accepting.certain).toBeUndefined()
  })

  it('takes any verdict for possible where chains fan out and each way leaves other marks', () => {
    const marking = (i: number): string =>
      `-A C${i} -j C${i + 1}\n-A C${i} -j MARK --xor-mark ${2 ** i}\n-A C${i} -j C${i + 1}`
    const { certain, complete, verdicts, packet } = answer(`${fan(24, marking)}\n-A C24 -p udp`)
    expect({ certain, complete }).toEqual({ certain: undefined, complete: false })
    expect(verdicts.map(({ verdict }) => verdict)).toEqual([
      { kind: 'unknown', reason: 'there are too many rules to follow' },
      { kind: 'drop' },
    ])
    expect(packet.mark.known).toBe(0)
  })

  it('knows nothing of sets behind rules that it could not follow', () => {
    const steps = { left: 21 }
    const rules = Array.from({ length: 20 }, () => '-A FORWARD -p udp').join('\n')
    const ruleset = parseRuleset(
      `*filter\n:FORWARD ACCEPT [0:0]\n${rules}\n-A FORWARD -m set --match-set s src -j DROP\nCOMMIT`,
    )
    const world = worldOf('create s hash:ip family inet', { steps })
    const ranges = positionRanges(ruleset, 'filter', 'FORWARD', outsider(), world)
    expect(ranges.map(({ reached }) => reached)).toEqual(['yes', 'maybe'])
    expect(ranges.map(({ first, last }) => [first, last])).toEqual([
      [1, 11],
      [12, 22],
    ])
    expect(ranges.at(-1)?.world.sets.size).toBe(0)
  })

  it('takes its steps from those of the host, and follows nothing once they are used up', () => {
    const ruleset = parseRuleset('*filter\n:FORWARD DROP [0:0]\n-A FORWARD -p udp\nCOMMIT\n')
    const steps = { left: 3 }
    const walked = () => walk(ruleset, 'filter', 'FORWARD', outsider(), worldOf('', { steps }))
    expect([walked().complete, steps.left]).toEqual([true, 1])
    const { complete, verdicts } = walked()
    expect(complete).toBe(false)
    expect(verdicts[0]?.path.map(({ number, match }) => [number, match])).toEqual([[1, 'maybe']])
    expect(walked().complete).toBe(false)
  })

  it('accepts where a table was never loaded, and returns from a chain without a policy', () => {
    const ruleset = parseRuleset('*filter\n:A - [0:0]\nCOMMIT\n')
    expect(walk(ruleset, 'mangle', 'FORWARD', outsider(), worldOf()).certain).toEqual({
      kind: 'accept',
    })
    expect(walk(ruleset, 'filter', 'A', outsider(), worldOf()).certain).toEqual({ kind: 'return' })
  })
})
