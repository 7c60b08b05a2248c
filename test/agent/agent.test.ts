import { existsSync } from 'node:fs'
import { describe, expect } from 'vitest'
import { startAgent } from '../../src/agent/agent.ts'
import { startingText } from '../../src/agent/program/starting-text.ts'
import { undoOf } from '../../src/plan/change.ts'
import { eventually } from '../eventually.ts'
import { readValue } from '../facts/read-value.ts'
import { changesFor, talkTo } from './conversation.ts'
import { cases, furnish } from './firewall-cases.ts'
import { itOnHost, shells } from './host-in-namespace.ts'

const fresh = cases[0]?.script ?? ''

describe.concurrent.each(Object.entries(shells))('the agent under %s', (_, command) => {
  const it = itOnHost(command)

  it('names no machine where the boot is not known: other hosts could seem to be the same', async ({
    host,
  }) => {
    furnish(host, fresh)
    host.run('mount --bind /dev/null /proc/sys/kernel/random/boot_id')
    const agent = await talkTo(host)
    expect((await agent.facts()).machine).toBeUndefined()
    await agent.leave()
  })

  it('answers with everything that is read of a host', async ({ host }) => {
    furnish(host, fresh)
    host.run(`ip link add ens18 type veth peer name ens19; ip addr add 192.0.2.11/24 dev ens18; ip link set ens18 up
      ip route add default via 192.0.2.1
      ip link add flannel.1 type vxlan id 1 dstport 8472 dev ens18; ip link set flannel.1 up
      ip neigh add 10.42.2.0 lladdr 02:42:0a:2a:02:00 dev flannel.1 nud permanent
      ip neigh add 192.0.2.1 lladdr 02:42:0a:2a:02:00 dev ens18
      bridge fdb append 02:42:0a:2a:02:00 dev flannel.1 dst 192.0.2.12 self permanent
      mkdir -p /run/flannel; echo FLANNEL_NETWORK=10.42.0.0/16 >/run/flannel/subnet.env
      printf 1 >/run/firewalld.pid # without a newline, as firewalld writes it
      ipset create cluster_nodes iphash; ipset add cluster_nodes 192.0.2.11`)
    const agent = await talkTo(host)
    const facts = await agent.facts()
    expect(facts).toMatchObject({
      tools: { backend: 'legacy', missing: [], unsupported: [] },
      tunnelPeers: [{ device: 'flannel.1', gateway: '10.42.2.0', node: '192.0.2.12' }],
      flannelNetwork: '10.42.0.0/16',
      firewalls: ['firewalld'],
      lockHolder: undefined,
      state: { kind: 'read' },
    })
    expect(facts.tools.iptables).toMatch(/^iptables v1\.\d+ \(legacy\)$/)
    expect(facts.freeKilobytes).toBeGreaterThan(64)
    expect(facts.machine).toMatch(/^[0-9a-f-]{36} 192\.0\.2\.11\/24 ([0-9a-f]{2}:){5}[0-9a-f]{2}$/)
    expect(facts.untrustedRoom).toBe(undefined)
    const { interfaces, routes } = readValue(facts.network)
    expect(interfaces).toContainEqual({ name: 'ens18', up: true, addresses: ['192.0.2.11'] })
    expect(routes.map(({ cidr }) => cidr)).not.toContain('10.42.2.0/32')
    expect(routes).toContainEqual(
      expect.objectContaining({ cidr: '0.0.0.0/0', via: '192.0.2.1', device: 'ens18' }),
    )
    const state = facts.state.kind === 'read' ? facts.state.value : undefined
    expect(state?.sets.get('cluster_nodes')?.members).toEqual(['192.0.2.11'])
    expect(state?.ruleset.tables.get('filter')?.get('FORWARD')?.rules).toHaveLength(5)
    expect(host.leftovers()).toBe('')
    await agent.leave()
    host.run('ip link del ens18; rm -r /run/flannel')
  })

  it.for([
    ['no rule uses its module', '0', false],
    ['a rule uses its module', '1', true],
    ['the kernel has no module for it', '', false],
  ])(
    'finds whether rules put connections into a flow table, where %s',
    async ([, users, found], { host }) => {
      furnish(host, fresh)
      host.run(`mount -t tmpfs none /sys/module; users=${users}
      [ -z "$users" ] || { mkdir /sys/module/nft_flow_offload; echo "$users" >/sys/module/nft_flow_offload/refcnt; }`)
      const agent = await talkTo(host)
      expect((await agent.facts()).flowTable).toBe(found)
      await agent.leave()
    },
  )

  it('reads no word of a request as shell', async ({ host }) => {
    const comment = `'; touch /run/touched; $(touch /run/touched) \`touch /run/touched\` * ~ \\" "\\n`
    furnish(host, `${fresh}\nipset create cluster_nodes iphash`)
    host.run(
      `iptables -I FORWARD 1 -m set ! --match-set cluster_nodes src -m comment --comment "$(cat)" -j DROP`,
      comment,
    )
    const before = host.firewall()
    expect(before).toContain('touch /run/touched')
    const agent = await talkTo(host, 'run-1', '$(touch /run/touched) \'"* ; touch /run/touched')
    const state = await agent.state()
    const changes = changesFor(state)
    expect(await agent.apply(state, changes)).toBe('applied')
    expect(host.firewall()).not.toContain('touched')
    expect(await agent.rollback()).toBe('rolled-back')
    expect(host.firewall()).toBe(before)
    expect(host.run('ls /run')).not.toContain('touched')
    await agent.leave()
  })

  it('does nothing of a request that is cut off', async ({ host }) => {
    furnish(host, fresh)
    const before = host.firewall()
    const agent = await talkTo(host)
    const state = await agent.state()
    const shell = host.shell()
    const cut = startAgent(
      {
        ...shell,
        write: (text) =>
          shell.write(text.startsWith('apply') ? text.replace(/\n\.\n$/, '\n') : text),
      },
      30,
      60,
      'forward',
    )
    await cut.facts('cluster_nodes')
    const changes = changesFor(state)
    const answer = cut.apply({
      set: 'cluster_nodes',
      owner: { run: 'run-1', who: 'test' },
      fingerprint: state.fingerprint,
      lease: 30,
      changes,
      undo: undoOf(changes),
    })
    shell.end()
    expect((await answer).kind).toBe('lost')
    expect(host.firewall()).toBe(before)
    await agent.leave()
  })

  it('ends by itself when it hears nothing, and lives as long as its runner does', async ({
    host,
  }) => {
    furnish(host, fresh)
    const deserted = host.shell()
    deserted.stdout.resume()
    deserted.write(startingText(['mark', '1', 'forward', 'facts', 'cluster_nodes']))
    expect(await deserted.ended).toEqual({ kind: 'exited', code: 0 })
    const agent = startAgent(host.shell(), 30, 8, 'forward')
    await agent.facts('cluster_nodes')
    await new Promise((resolve) => setTimeout(resolve, 17_000))
    expect(await agent.facts('cluster_nodes')).toMatchObject({ kind: 'facts' })
    expect(agent.requests()).toBe(2)
    agent.end()
  })

  it('may take longer for an answer than it waits for a word', async ({ host }) => {
    furnish(host, fresh)
    const script = '#!/bin/sh\nsleep 2\nexec "$(command -v -p ip)" "$@"\n'
    host.run('cat >/usr/local/sbin/ip; chmod +x /usr/local/sbin/ip', script)
    const slow = startAgent(host.shell(), 60, 6, 'forward')
    const answer = await slow.facts('cluster_nodes')
    expect(answer.kind === 'facts' && answer.sections.get('network')?.text).toContain('lo')
    slow.end()
    host.run('rm /usr/local/sbin/ip')
  })

  it('ends by itself in the middle of a request, or of an answer that nobody reads', async ({
    host,
  }) => {
    furnish(host, fresh)
    const members = Array.from({ length: 5000 }, (_, i) => `add many 10.1.${i >> 8}.${i & 255}`)
    host.run('ipset restore', ['create many hash:ip', ...members, ''].join('\n'))
    host.run('ln -s /bin/false /usr/local/sbin/gzip')
    const cut = host.shell()
    cut.stdout.resume()
    cut.write(startingText(['mark', '2', 'forward', 'facts', 'cluster_nodes']))
    cut.write('apply\tcluster_nodes\trun\nhalf a body')
    expect(await cut.ended).toEqual({ kind: 'exited', code: 0 })
    expect(cut.stderrTail()).toBe('mark unheard\n')
    const unread = host.shell()
    unread.stdout.pause()
    unread.write(startingText(['mark', '2', 'forward', 'facts', 'cluster_nodes']))
    unread.write('facts\tcluster_nodes\n.\n'.repeat(3))
    await eventually(() => expect(existsSync(`/proc/${unread.pid}`)).toBe(false))
    unread.stdout.resume()
  })

  it('packs a long answer where the host can, and sends it as it is where gzip or base64 fails', async ({
    host,
  }) => {
    furnish(host, fresh)
    const members = Array.from({ length: 5000 }, (_, i) => `add many 10.1.${i >> 8}.${i & 255}`)
    host.run('ipset restore', ['create many hash:ip', ...members, ''].join('\n'))
    const read = async () => {
      const shell = host.shell()
      let length = 0
      shell.stdout.on('data', (chunk: string) => {
        length += chunk.length
      })
      const agent = startAgent(shell, 60, 60, 'forward')
      const answer = await agent.facts('cluster_nodes')
      agent.end()
      if (answer.kind === 'lost') throw new Error(answer.reason)
      const { sections } = answer
      return {
        length,
        names: [...sections.keys()],
        sets: sections.get('sets')?.text.split('\n').sort(),
      }
    }
    const packed = await read()
    // They fail after they printed what looks right.
    for (const tool of ['gzip', 'base64']) {
      host.run(`printf '#!/bin/sh\n/usr/bin/${tool} "$@" | head -c 3000\nexit 1\n' >/usr/local/sbin/${tool}
        chmod +x /usr/local/sbin/${tool}`)
      expect((await read()).sets).toEqual(packed.sets)
      host.run(`rm /usr/local/sbin/${tool}`)
    }
    host.run('ln -s /bin/false /usr/local/sbin/gzip')
    const plain = await read()
    expect(packed.sets).toEqual(plain.sets)
    expect(plain.sets).toHaveLength(5001)
    expect(packed.names).toEqual(plain.names)
    expect(plain.length).toBeGreaterThan(80_000)
    expect(packed.length).toBeLessThan(40_000)
  })

  it('does nothing when its program is cut off, wherever', async ({ host }) => {
    furnish(host, fresh)
    const before = host.firewall()
    const program = startingText(['mark', '60', 'forward', 'facts', 'cluster_nodes'])
    for (let at = 0; at < program.length; at += 997) {
      const shell = host.shell()
      shell.stdout.resume()
      shell.write(program.slice(0, at))
      shell.end()
      await shell.ended
    }
    expect(host.firewall()).toBe(before)
    expect(host.leftovers()).toBe('')
  })

  it('tells a second runner who holds the host, and changes nothing for it', async ({ host }) => {
    furnish(host, fresh)
    const before = host.firewall()
    const [first, second] = [await talkTo(host, 'run-1'), await talkTo(host, 'run-2')]
    await second.facts()
    const state = await first.state()
    const changes = changesFor(state)
    expect(await first.apply(state, changes)).toBe('applied')
    const applied = host.firewall()
    expect(await second.apply(state, changes)).toBe('locked: run run-1 by test')
    expect((await second.facts()).lockHolder).toEqual({ run: 'run-1', who: 'test' })
    await second.leave()
    expect(host.firewall()).toBe(applied)
    await first.leave()
    expect(host.firewall()).toBe(before)
    expect(host.leftovers()).toBe('')
  })

  it('ends an agent of its own run that its link left alone, and rolls back in its stead', async ({
    host,
  }) => {
    furnish(host, fresh)
    const before = host.firewall()
    const [lost, second] = [await talkTo(host, 'run-1'), await talkTo(host, 'run-1')]
    await second.facts()
    const state = await lost.state()
    const changes = changesFor(state)
    expect(await lost.apply(state, changes)).toBe('applied')
    expect(await second.rollback()).toBe('rolled-back')
    await second.leave()
    expect(host.firewall()).toBe(before)
    await expect(lost.facts()).rejects.toThrow(/SIGKILL/)
    expect(host.leftovers()).toBe('')
  })

  it('takes the lock of an agent that is dead, or that never signed it', async ({ host }) => {
    furnish(host, fresh)
    const dead = 'pid 4194999 started 1 session 4194999 run old by x'
    for (const owner of [`ln -s '${dead}' /run/fw-run/lock/owner`, ':']) {
      host.run(`umask 077; mkdir -p /run/fw-run/lock; ${owner}`)
      const agent = await talkTo(host)
      const state = await agent.state()
      expect(await agent.apply(state, changesFor(state))).toBe('applied')
      await agent.leave()
      expect(host.leftovers()).toBe('')
    }
  })

  it('answers failed, with the reason, when the host refuses', async ({ host }) => {
    furnish(host, fresh)
    const agent = await talkTo(host)
    const state = await agent.state()
    const before = host.firewall()
    const [set] = changesFor(state)
    if (set?.kind !== 'set' || !set.after) throw new Error('no set is planned')
    const impossible = { ...set, after: { ...set.after, members: ['192.0.2.11', 'no-address'] } }
    expect(await agent.apply(state, [impossible])).toMatch(/^failed: ipset restore .*line 3/s)
    expect(await agent.rollback()).toBe('rolled-back')
    expect(host.firewall()).toBe(before)
    await agent.leave()
    expect(host.leftovers()).toBe('')
  })
})
