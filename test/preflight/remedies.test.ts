import { describe, expect, it } from 'vitest'
import type { CheckId } from '../../src/check-names/check-list.ts'
import { forward, guard, hostState } from '../plan/host-state.ts'
import { host, resultOf, subject } from './subject.ts'

function remedy(id: CheckId, spoiled: Parameters<typeof subject>[0], given: object): string {
  const about = subject(spoiled)
  const settings = { ...host.settings, given: { ...given } }
  const result = resultOf(id, { ...about, host: { ...host, settings } })
  return result.kind === 'fail' ? result.remedy : ''
}

describe('the remedy for a set that is not of our type', () => {
  const misfit = 'create cluster_nodes hash:net family inet'
  const given = (rules: readonly string[]): string =>
    remedy('set-name', { state: hostState(rules, misfit) }, {})

  it('destroys it only where nothing uses it', () => {
    expect(given(forward())).toMatch(/^If nobody needs the set, run `ipset destroy cluster_nodes`/)
  })

  it('removes the rule of fw-run first, because a set in use cannot be destroyed', () => {
    expect(given(forward([4, guard]))).toMatch(
      /run `fw-run remove --limit HOST` with the name of that host\. Then run `ipset destroy cluster_nodes`/,
    )
  })

  it('leaves it to others who use it', () => {
    const other = '-A FORWARD -m set --match-set cluster_nodes src -j ACCEPT'
    expect(given([...forward(), other])).toBe(
      `Other rules or sets use that set (${other}): choose another name with fw_set.`,
    )
  })
})

describe('a remedy names a setting as it was given', () => {
  const id = 'interface'
  const byFlag = { fw_interface: '--interface' }

  it.each([
    ['no such interface', { intent: { interfaces: ['eth9'] } }, 'Correct --interface.'],
    [
      'one that is down',
      { intent: { interfaces: ['ens18', 'ens19'] } },
      'Run `ip link set ens19 up` on that host. Or choose another --interface.',
    ],
    [
      'one with another address',
      { texts: { addresses: '2: ens18    inet 192.0.2.99/24 scope global ens18' } },
      'Correct --interface, or the addresses of that host in the inventory.',
    ],
  ])('by the flag: %s', (_, spoiled, said) => {
    expect(remedy(id, spoiled, byFlag)).toBe(said)
  })

  it('by -e', () => {
    const absent = { intent: { interfaces: ['eth9'] } }
    expect(remedy(id, absent, { fw_interface: '-e fw_interface' })).toBe('Correct -e fw_interface.')
    const place = { intent: { position: 1 }, state: hostState(forward()) }
    const position = { fw_position: '-e fw_position' }
    expect(remedy('position', place, position)).toMatch(/^Set -e fw_position to auto/)
  })

  it('by its name where the inventory gave it', () => {
    const absent = { intent: { interfaces: ['eth9'] } }
    expect(remedy(id, absent, {})).toBe('Correct fw_interface, for that host or for all.')
  })
})
