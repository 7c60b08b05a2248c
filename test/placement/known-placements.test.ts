import { expect, it } from 'vitest'
import type { HostState } from '../../src/facts/state.ts'
import { maxHostSteps } from '../../src/limits.ts'
import { hostModelOf } from '../../src/placement/host/host-model.ts'
import { findPosition } from '../../src/placement/placement.ts'
import { exactSet, forward, guard, hostState, intent } from '../plan/host-state.ts'

/** How many steps `findPosition` takes on a host, after the same question about another state of it. */
function stepsAfter(before: HostState, after: HostState): number {
  const wanted = { ...intent }
  findPosition(before, wanted)
  findPosition(after, wanted)
  return maxHostSteps - (hostModelOf(after, wanted).world.steps?.left ?? 0)
}

it('does not walk a host again that differs only in the rule of fw-run, our set and counters', () => {
  const counted = forward([4, guard]).map((line, i) => `[${i}:9] ${line}`)
  expect(stepsAfter(hostState(forward()), hostState(counted, exactSet))).toBe(0)
})

it.each([
  ['a rule of others', hostState([...forward(), '-A FORWARD -j DROP'])],
  ['a rule in another chain', hostState([...forward(), '-A cali-FORWARD -j RETURN'])],
  ['a set', hostState(forward(), 'create x hash:ip family inet\nadd x 192.0.2.7')],
  ['another table', hostState(forward(), '', '*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT')],
])('walks a host again that differs in %s', (_, after) => {
  expect(stepsAfter(hostState(forward()), after)).toBeGreaterThan(0)
})

it('numbers rules anew where only the rule of fw-run came, went or moved', () => {
  const wanted = { ...intent, position: 1 }
  const late = '-A FORWARD -i ens18 -d 10.42.0.0/16 -j ACCEPT'
  const rules = (...ours: [position: number, rule: string][]): HostState => {
    const [first = '', ...others] = forward()
    const all = [first, late, ...others]
    for (const [position, rule] of ours) all.splice(position - 1, 0, rule)
    return hostState(all, exactSet)
  }
  const numbered = (state: HostState): string | undefined => {
    const found = findPosition(state, wanted)
    return /rule \d+ of FORWARD accepts/.exec('reason' in found ? found.reason : '')?.[0]
  }
  expect(numbered(rules())).toBe('rule 2 of FORWARD accepts')
  expect(numbered(rules([2, guard]))).toBe('rule 3 of FORWARD accepts')
  expect(numbered(rules([1, guard], [2, guard]))).toBe('rule 4 of FORWARD accepts')
  expect(numbered(rules([5, guard]))).toBe('rule 2 of FORWARD accepts')
})

it('asks few rules of a host that accepts 3,000 networks one by one', () => {
  const rules = Array.from(
    { length: 3000 },
    (_, i) => `-A FORWARD -s 172.16.${(i * 2) >> 8}.${(i * 2) & 255}/31 -j ACCEPT`,
  )
  const state = hostState([...forward().slice(0, 3), ...rules, ...forward().slice(3)])
  expect(findPosition(state, intent)).toMatchObject({ kind: 'placed', position: 4 })
  const { steps } = hostModelOf(state, intent).world
  expect(maxHostSteps - (steps?.left ?? 0)).toBeLessThan(3_000_000)
})
