import { describe, expect, it } from 'vitest'
import { makePacket } from '../../../src/flow/packet.ts'
import { fresh } from '../../../src/placement/flows/flow.ts'
import { rulesOnPath } from '../../../src/placement/flows/rules-on-path.ts'
import { hostModelOf } from '../../../src/placement/host/host-model.ts'
import { hostState, intent } from '../../plan/host-state.ts'

const web = 'create web hash:ip family inet\nadd web 10.42.1.10'
const office = '-A FORWARD -s 203.0.113.9/32'

/** The targets of the rules on the path of a new packet from anywhere to a pod, among rules in FORWARD. */
function targetsOnPath(rules: readonly string[]): readonly string[] {
  const { ruleset, sets, fingerprint } = hostState(rules, web)
  const model = hostModelOf({ ruleset, sets, fingerprint }, intent)
  const packet = { ...fresh, in: 'ens18', out: 'cali1', destination: '10.42.1.10' }
  return rulesOnPath(model, makePacket(packet)).map(({ target }) => target?.name ?? '')
}

describe('rulesOnPath', () => {
  it('has every rule that the packet may match, and no other', () => {
    expect(
      targetsOnPath([
        `${office} -d 10.42.9.9/32 -j REJECT`,
        `${office} -j ACCEPT`,
        '-A FORWARD -i ens19 -j REJECT',
        `${office} -m set ! --match-set web dst -j REJECT`,
        `${office} -m set --match-set web dst -j DROP`,
      ]),
    ).toEqual(['ACCEPT', 'DROP'])
  })

  it('ends at a rule that surely decides', () => {
    expect(targetsOnPath(['-A FORWARD -j DROP', `${office} -j ACCEPT`])).toEqual(['DROP'])
  })

  it.each(['add', 'del'])('knows nothing of a set from which any rule may %s members', (word) => {
    expect(
      targetsOnPath([
        `${office} -m set ! --match-set web dst -j ACCEPT`,
        `${office} -j SET --${word}-set web dst`,
      ]),
    ).toEqual(['ACCEPT', 'SET'])
  })

  it('counts rules for replies as well if raw may hide packets from conntrack', () => {
    const replies = '-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT'
    const raw = '*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -s 203.0.113.9/32 -j NOTRACK\nCOMMIT'
    const { ruleset } = hostState([replies], '', raw)
    const model = hostModelOf({ ruleset, sets: new Map(), fingerprint: '' }, intent)
    const packet = { ...fresh, in: 'ens18', out: 'cali1', destination: '10.42.1.10' }
    const names = rulesOnPath(model, makePacket(packet)).map(({ target }) => target?.name)
    expect(names).toEqual(['NOTRACK', 'ACCEPT'])
  })
})
