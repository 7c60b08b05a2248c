import { describe, expect, it } from 'vitest'
import { forward, hostState } from '../../plan/host-state.ts'
import { resultOf, subject } from '../subject.ts'

function result(members: readonly string[], rules: readonly string[] = []) {
  const set = ['create cluster_nodes hash:ip family inet hashsize 1024 maxelem 65536']
  const sets = [...set, ...members.map((member) => `add cluster_nodes ${member}`)].join('\n')
  return resultOf('leaving-members', subject({ state: hostState([...rules, ...forward()], sets) }))
}

describe('leavingMembers', () => {
  it('names each address that would leave the set', () => {
    expect(result(['192.0.2.11', '192.0.2.13', '192.0.2.14'])).toMatchObject({
      kind: 'warn',
      reason: expect.stringContaining('set cluster_nodes would lose 192.0.2.13, 192.0.2.14.'),
      remedy: expect.stringContaining('fw_extra_members'),
    })
  })

  it('says who else uses a set that is hardly ours', () => {
    const rule = '-A FORWARD -m set --match-set cluster_nodes src -p tcp -j ACCEPT'
    expect(result(['203.0.113.9'], [rule])).toMatchObject({
      reason: expect.stringContaining(`other rules or sets use that set, too: ${rule}`),
      remedy: expect.stringContaining('fw_set'),
    })
  })

  it('lists twenty of many', () => {
    const many = Array.from({ length: 50 }, (_, i) => `198.51.100.${i + 1}`)
    const found = result(many)
    expect('reason' in found && found.reason).toMatch(
      /lose (198\.51\.100\.\d+(, )?){20} and 30 more\. The rule of fw-run/,
    )
  })

  it.each([[['192.0.2.11', '192.0.2.12']], [['192.0.2.11']], [[]]])(
    'passes where nobody leaves: %j',
    (members) => {
      expect(result(members).kind).toBe('pass')
    },
  )
})
