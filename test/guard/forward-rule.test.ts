import { describe, expect, it } from 'vitest'
import {
  findGuards,
  guardedSet,
  guardRule,
  isGuard,
  withoutGuards,
} from '../../src/guard/forward-rule.ts'
import { sameMeaning } from '../../src/guard/placed-rule.ts'
import { makeRule, type Rule } from '../../src/iptables/rule.ts'
import { parseRuleset, rulesOf } from '../../src/iptables/ruleset.ts'
import { splitWords } from '../../src/iptables/words.ts'
import { forward, guard, hostState, intent } from '../plan/host-state.ts'

const drop = guard.replace(/REJECT .*/, 'DROP')

/** The rule of a line, without changes or with some words for others. */
function rule(line: string, ...[from = '', to = '']: readonly string[]): Rule {
  return makeRule('FORWARD', splitWords(line.replace(from, to)).slice(2))
}

describe('guardRule', () => {
  it.each([
    [intent, guard],
    [{ ...intent, action: 'DROP' } as const, drop],
    [
      { ...intent, published: 'allow' } as const,
      '-A FORWARD -i ens18 -m set ! --match-set cluster_nodes src -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j REJECT --reject-with icmp-port-unreachable',
    ],
    [{ ...intent, published: 'block' } as const, guard],
  ])('is written as iptables prints it', (wanted, raw) => {
    expect(guardRule(wanted, 'ens18').raw).toBe(raw)
  })
})

describe('isGuard', () => {
  it.each([
    ['as fw-run writes it', rule(guard)],
    ['that drops', rule(drop)],
    ['on every interface', rule(guard, '-i ens18 ', '')],
    ['with a comment', rule(guard, '-j', '-m comment --comment ann -j')],
    ['that lets replies pass', guardRule({ ...intent, published: 'allow' }, 'ens18')],
  ])('recognises a rule %s', (_, one) => {
    expect(isGuard(one, 'cluster_nodes')).toBe(true)
  })

  it.each([
    ['with another set', rule(guard, 'cluster_nodes', 'cluster_nodes_2')],
    ['that is not negated', rule(guard, '! --match', '--match')],
    ['by destination', rule(guard, ' src', ' dst')],
    ['on all interfaces but one', rule(guard, '-i ens18', '! -i ens18')],
    ['by outgoing interface', rule(guard, '-i ens18', '-o ens18')],
    ['with a source', rule(guard, '-i ens18', '-s 203.0.113.0/24')],
    ['with a protocol', rule(guard, '-i ens18', '-p tcp')],
    ['with a second set', rule(guard, '-j', '-m set --match-set web dst -j')],
    ['for replies only', rule(guard, '-j', '-m conntrack --ctstate ESTABLISHED -j')],
    ['by another match of conntrack', rule(guard, '-j', '-m conntrack ! --ctstatus NONE -j')],
    ['that logs', rule(drop, 'DROP', 'LOG')],
    ['without a target', rule(drop, ' -j DROP', '')],
    ['without a set', rule('-A FORWARD -i ens18 -j DROP')],
  ])('does not take a rule %s for ours', (_, one) => {
    expect(isGuard(one, 'cluster_nodes')).toBe(false)
  })
})

describe('guardedSet', () => {
  it('names the set of a rule of our shape', () => {
    expect(guardedSet(rule(guard, 'cluster_nodes', 'old_nodes'))).toBe('old_nodes')
    expect(guardedSet(rule(drop, 'DROP', 'LOG'))).toBeUndefined()
  })
})

describe('findGuards and withoutGuards', () => {
  const { ruleset } = hostState(forward([2, drop], [5, guard]))

  it('find the rules of fw-run with their positions, and leave the others in order', () => {
    expect(findGuards(ruleset, 'cluster_nodes').map((one) => [one.position, one.rule.raw])).toEqual(
      [
        [2, drop],
        [5, guard],
      ],
    )
    const others = rulesOf(withoutGuards(ruleset, 'cluster_nodes'), 'filter', 'FORWARD')
    expect(others.map(({ raw }) => raw)).toEqual(forward())
  })

  it('change nothing where there is no FORWARD', () => {
    const empty = parseRuleset('')
    expect(withoutGuards(empty, 'cluster_nodes')).toBe(empty)
    expect(findGuards(empty, 'cluster_nodes')).toEqual([])
  })
})

describe('sameMeaning', () => {
  it('holds for rules that differ in a comment only', () => {
    expect(sameMeaning(rule(guard), rule(guard, '-j', '-m comment --comment ann -j'))).toBe(true)
  })

  it.each([
    ['the action', rule(drop)],
    ['the interface', rule(guard, 'ens18', 'ens19')],
    ['what lets replies pass', guardRule({ ...intent, published: 'allow' }, 'ens18')],
    [
      'the comment of a copy that moves',
      rule(guard, '-j', '-m comment --comment fw-run-moving-1 -j'),
    ],
  ])('does not hold for rules that differ in %s', (_, other) => {
    expect(sameMeaning(rule(guard), other)).toBe(false)
    expect(sameMeaning(other, rule(guard))).toBe(false)
  })
})
