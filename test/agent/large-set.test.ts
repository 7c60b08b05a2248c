import { describe, expect } from 'vitest'
import { intent } from '../plan/host-state.ts'
import { rounds } from '../rounds.ts'
import { changesFor, talkTo } from './conversation.ts'
import { cases, furnish } from './firewall-cases.ts'
import { itOnHost, shells } from './host-in-namespace.ts'

/** 65,536 addresses of a network. */
function addresses(network: number): readonly string[] {
  return Array.from({ length: 65_536 }, (_, i) => `10.${network}.${i >> 8}.${i & 255}`)
}

const drifted = cases.find(({ name }) => name === 'a drifted set')?.script ?? ''

describe.concurrent.each(Object.entries(shells).slice(0, rounds(1, 3)))(
  'a set of 65,536 members under %s',
  (_, command) => {
    const it = itOnHost(command)

    // A request may take 30 s here. If time grew with the square of the members, it would take minutes.
    it('is exchanged for one as large, and brought back', async ({ host }) => {
      furnish(host, drifted)
      const lines = addresses(8).map((one) => `add cluster_nodes ${one}\n`)
      host.run('/usr/sbin/ipset restore', `flush cluster_nodes\n${lines.join('')}`)
      const before = host.firewall()
      const agent = await talkTo(host)
      const state = await agent.state()
      const changes = changesFor(state, { ...intent, members: addresses(9) })
      expect(await agent.apply(state, changes)).toBe('applied')
      const set = (await agent.look()).sets.get('cluster_nodes')
      expect(set?.members.toSorted()).toEqual(addresses(9).toSorted())
      expect(await agent.rollback()).toBe('rolled-back')
      expect(host.firewall() === before).toBe(true)
      await agent.leave()
    })
  },
)
