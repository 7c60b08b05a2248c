import { describe, expect, it } from 'vitest'
import { exactSet, forward, hostState, intent } from '../../../plan/host-state.ts'
import { resultOf, subject } from '../../subject.ts'

/** A host with a second interface, and with rules before the usual ones. */
function result(rules: readonly string[], addresses: readonly string[] = ['198.51.100.5']) {
  const route = { kind: 'unicast', via: undefined, source: undefined, device: 'wg0' } as const
  const network = {
    interfaces: [...intent.network.interfaces, { name: 'wg0', up: true, addresses }],
    routes: [...intent.network.routes, { ...route, cidr: '198.51.100.0/24' }],
  }
  const state = hostState([...rules, ...forward()], exactSet)
  return resultOf('unguarded-interfaces', subject({ state, intent: { network } }))
}

describe('unguarded', () => {
  it('warns of an interface by which outsiders reach pods', () => {
    expect(result([])).toMatchObject({
      kind: 'warn',
      reason: expect.stringContaining('come in by wg0 reach pods'),
      remedy: expect.stringContaining('["ens18","wg0"]'),
    })
  })

  it('warns of one without an address by which a route leads to others', () => {
    expect(result([], [])).toMatchObject({
      kind: 'warn',
      reason: expect.stringContaining('by an interface without an address (wg0)'),
      remedy: expect.not.stringContaining('rp_filter'),
    })
  })

  it('passes where there is none', () => {
    expect(result(['-A FORWARD -i wg0 -j DROP'])).toEqual({ kind: 'pass' })
  })
})
