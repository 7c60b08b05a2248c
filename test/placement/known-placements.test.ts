import { expect, it } from 'vitest'
import { maxHostSteps } from '../../src/limits.ts'
import { hostModelOf } from '../../src/placement/host/host-model.ts'
import { findPosition } from '../../src/placement/placement.ts'
import { exactSet, forward, guard, hostState, intent } from '../plan/host-state.ts'

it('does not walk a host again that differs only in our rule, our set and counters', () => {
  const wanted = { ...intent }
  const before = findPosition(hostState(forward()), wanted)
  const counted = forward([4, guard]).map((line, i) => `[${i}:9] ${line}`)
  expect(findPosition(hostState(counted, exactSet), wanted)).toBe(before)
})

it.each([
  ['a rule of others', hostState([...forward(), '-A FORWARD -j DROP'])],
  ['a rule in another chain', hostState([...forward(), '-A cali-FORWARD -j RETURN'])],
  ['a set', hostState(forward(), 'create x hash:ip family inet\nadd x 192.0.2.7')],
  ['another table', hostState(forward(), '', '*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT')],
])('walks a host again that differs in %s', (_, after) => {
  const wanted = { ...intent }
  const before = findPosition(hostState(forward()), wanted)
  expect(findPosition(after, wanted)).not.toBe(before)
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
