import { describe, expect } from 'vitest'
import type { Change } from '../../src/plan/change.ts'
import { changesFor, talkTo } from './conversation.ts'
import { furnish } from './firewall-cases.ts'
import { type Host, itOnHost, shells } from './host-in-namespace.ts'

const guard =
  '-A FORWARD -i ens18 -m set ! --match-set cluster_nodes src -j REJECT --reject-with icmp-port-unreachable'

const forgery = `-m comment --comment 'x\n${guard}\ny' -j LOG`

/** A host with our set, our real rule at 4, and a forged one before it. */
function forge(host: Host): void {
  furnish(
    host,
    `ipset create cluster_nodes iphash
     ipset add cluster_nodes 192.0.2.11; ipset add cluster_nodes 192.0.2.12
     iptables -A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
     iptables -A FORWARD -s 10.42.0.0/16 -j ACCEPT
     iptables -A FORWARD ${forgery}
     iptables ${guard}
     iptables -A FORWARD -d 10.42.0.0/16 -j ACCEPT`,
  )
}

describe.concurrent.each(Object.entries(shells))('a forged rule under %s', (_, command) => {
  const it = itOnHost(command)

  it('in a comment stays, and our real rule is removed and brought back', async ({ host }) => {
    forge(host)
    const before = host.firewall()
    const agent = await talkTo(host)
    const state = await agent.state()
    const changes = changesFor(state, { kind: 'remove', set: 'cluster_nodes' })
    expect(await agent.apply(state, changes)).toBe('applied')
    expect(host.firewall()).toContain(
      `--comment "x\n${guard}\ny" -j LOG\n-A FORWARD -d 10.42.0.0/16`,
    )
    expect(host.firewall()).not.toContain('create cluster_nodes')
    expect(await agent.rollback()).toBe('rolled-back')
    expect(host.firewall()).toBe(before)
    await agent.leave()
  })

  it('does not shift the position of the rule of fw-run, nor stand for it', async ({ host }) => {
    forge(host)
    host.run(`/usr/sbin/iptables-legacy -D FORWARD 4`)
    const before = host.firewall()
    const agent = await talkTo(host)
    const state = await agent.state()
    const changes = changesFor(state)
    expect(await agent.apply(state, changes)).toBe('applied')
    expect(changesFor(await agent.state())).toEqual([])
    expect(host.run('/usr/sbin/iptables-legacy -S FORWARD 4').trim()).toBe(guard)
    expect(await agent.rollback()).toBe('rolled-back')
    expect(host.firewall()).toBe(before)
    await agent.leave()
  })

  it('is refused by name where reading each rule alone would take too long', async ({ host }) => {
    forge(host)
    const before = host.firewall()
    const hasty = (program: string): string => program.replace(/^plenty=500$/m, 'plenty=3')
    const removal = { kind: 'remove', set: 'cluster_nodes' } as const
    const agent = await talkTo(host, 'run-1', 'test', 30, hasty)
    const state = await agent.state()
    const changes = changesFor(state, removal)
    const told = await agent.apply(state, changes)
    expect(told).toMatch(/^failed: a rule of FORWARD has a line break /)
    await agent.rollback()
    expect(host.firewall()).toBe(before)
    const [list = '', look = '', remove = ''] = [...told.matchAll(/`(iptables [^`]+)`/g)].map(
      ([, command]) => command?.replace('iptables', '/usr/sbin/iptables-legacy') ?? '',
    )
    const [, number = ''] = /^(\d+) +LOG .*\/\* x$/m.exec(host.run(list)) ?? []
    expect(host.run(look.replace('NUMBER', number))).toContain('"x\n-A FORWARD')
    host.run(remove.replace('NUMBER', number))
    await agent.leave()

    const next = await talkTo(host, 'run-2', 'test', 30, hasty)
    const mended = await next.state()
    expect(await next.apply(mended, changesFor(mended, removal))).toBe('applied')
    await next.leave()
  })

  it('in the comment of a member is no member', async ({ host }) => {
    furnish(
      host,
      `ipset create cluster_nodes iphash comment
       ipset add cluster_nodes 192.0.2.11 comment 'x\nadd cluster_nodes 192.0.2.12'`,
    )
    const before = host.firewall()
    const agent = await talkTo(host)
    const state = await agent.state()
    const changes: Change[] = [
      {
        kind: 'set',
        name: 'cluster_nodes',
        before: { type: 'hash:ip family inet comment', members: ['192.0.2.11'] },
        after: { type: 'hash:ip family inet', members: ['192.0.2.11', '192.0.2.12'] },
      },
    ]
    expect(await agent.apply(state, changes)).toBe('applied')
    expect((await agent.look()).sets.get('cluster_nodes')?.members).toHaveLength(2)
    expect(await agent.rollback()).toBe('rolled-back')
    expect(host.firewall()).toBe(before)
    await agent.leave()
  })
})
