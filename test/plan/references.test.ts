import { describe, expect, it } from 'vitest'
import { otherUsers } from '../../src/plan/references.ts'
import { exactSet, forward, guard, hostState } from './host-state.ts'

const logging = '-A FORWARD -m set --match-set cluster_nodes src -j LOG'

describe('otherUsers', () => {
  it.each([
    '-A FORWARD -m set --match-set cluster_nodes src -j LOG',
    '-A FORWARD -j SET --add-set cluster_nodes src',
    '-A FORWARD -j SET --del-set cluster_nodes src',
    '-A FORWARD -j SET --map-set cluster_nodes src --map-mark',
  ])('finds the rule %s', (rule) => {
    const state = hostState([...forward([4, guard]), rule], exactSet)
    expect(otherUsers(state, 'cluster_nodes')).toEqual([rule])
  })

  it('finds a rule of our shape in another chain, which is not ours', () => {
    const elsewhere = guard.replace('-A FORWARD', '-A cali-FORWARD')
    const state = hostState([...forward([4, guard]), elsewhere], exactSet)
    expect(otherUsers(state, 'cluster_nodes')).toEqual([elsewhere])
  })

  it('finds sets of sets that hold it', () => {
    const sets = `${exactSet}\ncreate all list:set size 8\nadd all cluster_nodes\ncreate none list:set size 8`
    expect(otherUsers(hostState(forward(), sets), 'cluster_nodes')).toEqual(['set all'])
  })

  it('counts what the kernel counts and fw-run does not read', () => {
    const state = hostState([...forward([4, guard]), logging], exactSet)
    const counted = (users: number) =>
      otherUsers({ ...state, setUsers: new Map([['cluster_nodes', users]]) }, 'cluster_nodes')
    expect(counted(2)).toEqual([logging])
    expect(counted(3)).toEqual([
      logging,
      expect.stringMatching(/^1 more rule or set that fw-run cannot see; .* iptables-legacy-save/),
    ])
    expect(counted(4)[1]).toMatch(/^2 more rules or sets that/)
    expect(counted(1)).toEqual([logging])
  })

  it.each([
    ['our own rule', guard],
    ['a rule with another set', '-A FORWARD -m set --match-set cluster_nodes_2 src -j LOG'],
    ['a comment', '-A FORWARD -m comment --comment cluster_nodes -j LOG'],
  ])('does not count %s', (_, rule) => {
    expect(otherUsers(hostState([rule], exactSet), 'cluster_nodes')).toEqual([])
  })

  it('does not count a plain set with an entry of its name', () => {
    const sets = `${exactSet}\ncreate ifs hash:net,iface\nadd ifs cluster_nodes`
    expect(otherUsers(hostState(forward(), sets), 'cluster_nodes')).toEqual([])
  })
})
