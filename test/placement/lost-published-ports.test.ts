import { describe, expect, it } from 'vitest'
import { lostPublishedPorts } from '../../src/placement/lost-published-ports.ts'
import { exactSet, forward, hostState, intent } from '../plan/host-state.ts'

const host = '-A PREROUTING -d 192.0.2.11/32 -p tcp -m tcp --dport'

/** The ports that are lost with our rule at a position, among rules in FORWARD and in nat. */
function lost(rules: readonly string[], nat: readonly string[], position: number) {
  const table = `*nat\n:PREROUTING ACCEPT [0:0]\n${nat.join('\n')}\nCOMMIT`
  const state = hostState(rules, exactSet, table)
  return lostPublishedPorts(state, { ...intent, published: 'block' }, position)
}

describe('lostPublishedPorts', () => {
  const bare = `${host} 8443 -j DNAT --to-destination 10.42.1.10:443`
  const marked = [
    `${host} 30022 -j MARK --set-xmark 0x4000/0x4000`,
    `${host} 30022 -j DNAT --to-destination 192.0.2.12:22`,
  ]
  const masqueraded = '-A FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT'

  it('finds a port whose clients keep their address', () => {
    expect(lost(forward(), [bare], 4)).toEqual(['8443/tcp'])
  })

  it('finds a port of which only the first packet carries the mark', () => {
    const rules = [
      masqueraded,
      '-A FORWARD -o cali+ -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
      '-A FORWARD -d 192.0.2.12/32 -j ACCEPT',
    ]
    expect(lost(rules, marked, 3)).toEqual(['30022/tcp'])
  })

  it('finds a port that only some outsiders reach today', () => {
    const office = '-A FORWARD ! -s 203.0.113.0/24 -j DROP'
    expect(lost([office, ...forward()], [bare], 5)).toEqual(['8443/tcp'])
  })

  it('names one port of those that rules treat alike, and each of those that they tell apart', () => {
    const other = (port: number): string => `${host} ${port} -j DNAT --to-destination 10.42.1.10:80`
    const rules = ['-A FORWARD -p tcp -m tcp --dport 443 -j LOG', ...forward()]
    expect(lost(rules, [bare, other(8080), other(8081)], 5)).toEqual(['8443/tcp', '8080/tcp'])
  })

  it('finds none behind a rule that accepts it', () => {
    const accept = '-A FORWARD -d 10.42.1.10/32 -j ACCEPT'
    expect(lost([accept, ...forward()], [bare], 1)).toEqual(['8443/tcp'])
    expect(lost([accept, ...forward()], [bare], 2)).toEqual([])
  })
})
