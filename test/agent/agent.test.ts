import { existsSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startAgent } from '../../src/agent/agent.ts'
import { startingText } from '../../src/agent/program.ts'
import { readFacts } from '../../src/facts/host-facts.ts'
import type { RootShell, ShellEnd } from '../../src/ssh/root-shell.ts'
import { changesFor, talkTo } from './conversation.ts'
import { cases, furnish } from './firewall-cases.ts'
import { type Host, shells, startHost } from './host-in-namespace.ts'

const fresh = cases[0]?.script ?? ''

describe.each(Object.entries(shells))('the agent under %s', (_, command) => {
  let host: Host
  beforeAll(async () => {
    host = await startHost(command)
  })
  afterAll(() => host.stop())

  it('tells everything that a host is read by', async () => {
    furnish(host, fresh)
    host.run(`ip link add ens18 type veth peer name ens19; ip addr add 192.0.2.11/24 dev ens18; ip link set ens18 up
      ip route add default via 192.0.2.1
      mkdir -p /run/flannel; echo FLANNEL_NETWORK=10.42.0.0/16 >/run/flannel/subnet.env
      ipset create cluster_nodes iphash; ipset add cluster_nodes 192.0.2.11`)
    const agent = await talkTo(host)
    const facts = readFacts(await agent.facts())
    expect(facts).toMatchObject({
      tools: { backend: 'legacy', missing: [], unsupported: [] },
      flannelNetwork: '10.42.0.0/16',
      firewalls: [],
      lockHolder: undefined,
      state: { kind: 'read' },
    })
    expect(facts.tools.iptables).toMatch(/^iptables v1\.\d+\.\d+ \(legacy\)$/)
    expect(facts.tools.ipset).toMatch(/^ipset v7\.\d+$/)
    expect(facts.freeKilobytes).toBeGreaterThan(64)
    expect(facts.interfaces).toContainEqual({ name: 'ens18', up: true, addresses: ['192.0.2.11'] })
    expect(facts.routes).toContainEqual(
      expect.objectContaining({ cidr: '0.0.0.0/0', via: '192.0.2.1', device: 'ens18' }),
    )
    const state = facts.state.kind === 'read' ? facts.state.value : undefined
    expect(state?.sets.get('cluster_nodes')?.members).toEqual(['192.0.2.11'])
    expect(state?.ruleset.tables.get('filter')?.get('FORWARD')?.rules).toHaveLength(5)
    expect(host.leftovers()).toBe('')
    await agent.leave()
    host.run('ip link del ens18; rm -r /run/flannel')
  })

  it('reads no word of a request as shell', async () => {
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

  it('does nothing of a request that is cut off', async () => {
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
    )
    await cut.request(['facts', 'cluster_nodes'])
    const answer = cut.request(
      ['apply', 'cluster_nodes', 'run-1', state.fingerprint, 'test'],
      ['do\tset\tcluster_nodes\tpresent\thash:ip family inet\t192.0.2.11'],
    )
    shell.end()
    expect((await answer).kind).toBe('lost')
    expect(host.firewall()).toBe(before)
    await agent.leave()
  })

  it('ends by itself when it hears nothing, and lives as long as its runner does', async () => {
    furnish(host, fresh)
    const deserted = host.shell()
    deserted.stdout.resume()
    deserted.write(startingText(['mark', '1', 'facts', 'cluster_nodes']))
    expect(await deserted.ended).toEqual({ kind: 'exited', code: 0 })
    const agent = startAgent(host.shell(), 30, 2)
    await agent.request(['facts', 'cluster_nodes'])
    await new Promise((resolve) => setTimeout(resolve, 5000))
    expect(await agent.request(['facts', 'cluster_nodes'])).toMatchObject({ kind: 'answered' })
    expect(agent.requests()).toBe(2)
    agent.end()
  })

  it('may take longer for an answer than it waits for a word', async () => {
    furnish(host, fresh)
    const script = '#!/bin/sh\nsleep 1\nexec "$(command -v -p ip)" "$@"\n'
    host.run('cat >/usr/local/sbin/ip; chmod +x /usr/local/sbin/ip', script)
    const slow = startAgent(host.shell(), 30, 2)
    const reply = await slow.request(['facts', 'cluster_nodes'])
    expect(reply.kind === 'answered' && reply.sections.get('links')?.text).toContain('lo')
    slow.end()
    host.run('rm /usr/local/sbin/ip')
  })

  it('ends by itself in the middle of a request, or of an answer that nobody reads', async () => {
    furnish(host, fresh)
    const members = Array.from({ length: 5000 }, (_, i) => `add many 10.1.${i >> 8}.${i & 255}`)
    host.run('ipset restore', ['create many hash:ip', ...members, ''].join('\n'))
    const cut = host.shell()
    cut.stdout.resume()
    cut.write(startingText(['mark', '2', 'facts', 'cluster_nodes']))
    cut.write('apply\tcluster_nodes\trun\nhalf a body')
    expect(await cut.ended).toEqual({ kind: 'exited', code: 0 })
    expect(cut.stderrTail()).toBe('nothing was heard from fw-run for 2 s\n')
    const unread = host.shell()
    unread.stdout.pause()
    unread.write(startingText(['mark', '2', 'facts', 'cluster_nodes']))
    unread.write('facts\tcluster_nodes\n.\n'.repeat(3))
    await expect.poll(() => existsSync(`/proc/${unread.pid}`), { timeout: 20_000 }).toBe(false)
    unread.stdout.resume()
  })

  it('does nothing when its program is cut off, wherever', async () => {
    furnish(host, fresh)
    const before = host.firewall()
    const program = startingText(['mark', '60', 'facts', 'cluster_nodes'])
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

  it('tells a second runner who holds the host, and changes nothing for it', async () => {
    furnish(host, fresh)
    const before = host.firewall()
    const [first, second] = [await talkTo(host, 'run-1'), await talkTo(host, 'run-2')]
    await second.facts()
    const state = await first.state()
    const changes = changesFor(state)
    expect(await first.apply(state, changes)).toBe('applied')
    const applied = host.firewall()
    const holder = 'run run-1 by test'
    expect(await second.apply(state, changes)).toBe(
      `locked\nanother run holds this host: ${holder}`,
    )
    expect(readFacts(await second.facts()).lockHolder).toBe(holder)
    await second.leave()
    expect(host.firewall()).toBe(applied)
    await first.leave()
    expect(host.firewall()).toBe(before)
    expect(host.leftovers()).toBe('')
  })

  it('ends an agent of its own run that its link left alone, and takes back in its stead', async () => {
    furnish(host, fresh)
    const before = host.firewall()
    const [lost, settling] = [await talkTo(host, 'run-1'), await talkTo(host, 'run-1')]
    await settling.facts()
    const state = await lost.state()
    const changes = changesFor(state)
    expect(await lost.apply(state, changes)).toBe('applied')
    expect(await settling.rollback()).toBe('rolled-back')
    await settling.leave()
    expect(host.firewall()).toBe(before)
    await expect(lost.facts()).rejects.toThrow(/SIGKILL/)
    expect(host.leftovers()).toBe('')
  })

  it('takes the lock of an agent that is dead, or that never signed it', async () => {
    furnish(host, fresh)
    const dead = 'pid 4194999 started 1 session 4194999 run old by x'
    for (const owner of [`ln -s '${dead}' /run/fw-run/lock/owner`, ':']) {
      host.run(`mkdir -p /run/fw-run/lock; ${owner}`)
      const agent = await talkTo(host)
      const state = await agent.state()
      expect(await agent.apply(state, changesFor(state))).toBe('applied')
      await agent.leave()
      expect(host.leftovers()).toBe('')
    }
  })

  it('answers failed, with the reason, when the host refuses', async () => {
    furnish(host, fresh)
    const agent = await talkTo(host)
    const state = await agent.state()
    const before = host.firewall()
    const [set] = changesFor(state)
    if (set?.kind !== 'set' || !set.after) throw new Error('no set is planned')
    const impossible = { ...set, after: { ...set.after, members: ['192.0.2.11', 'no-address'] } }
    expect(await agent.apply(state, [impossible])).toMatch(/^failed\nipset restore .*line 3/s)
    expect(await agent.rollback()).toBe('rolled-back')
    expect(host.firewall()).toBe(before)
    await agent.leave()
    expect(host.leftovers()).toBe('')
  })
})

describe('startAgent', () => {
  /** A shell that answers nothing by itself. */
  function muteShell(): { shell: RootShell; written: string[]; end: (end: ShellEnd) => void } {
    const written: string[] = []
    let end: (end: ShellEnd) => void = () => {}
    const ended = new Promise<ShellEnd>((resolve) => {
      end = resolve
    })
    const stdout = new PassThrough({ encoding: 'utf8' })
    const shell: RootShell = {
      write: (text) => written.push(text),
      stdout,
      stderrTail: () => 'sh: out of memory\n',
      ended,
      end: () => end({ kind: 'exited', code: 0 }),
    }
    return { shell, written, end }
  }

  it('counts a request as lost when the connection goes, and sends nothing after it', async () => {
    const { shell, written, end } = muteShell()
    const agent = startAgent(shell, 30, 60)
    const reply = agent.request(['facts', 'x'])
    end({ kind: 'lost', reason: 'the host no longer answers' })
    const lost = {
      kind: 'lost',
      sent: true,
      reason: 'the connection was lost (the host no longer answers); it said: sh: out of memory',
    }
    expect(await reply).toEqual(lost)
    expect(await agent.request(['apply', 'x'])).toEqual({ ...lost, sent: false })
    expect(written).toHaveLength(1)
    expect(agent.requests()).toBe(1)
  })

  it('gives up on a host that does not answer in time, and ends the session', async () => {
    const { shell } = muteShell()
    const agent = startAgent(shell, 0.05, 60)
    expect(await agent.request(['facts', 'x'])).toEqual({
      kind: 'lost',
      sent: true,
      reason: "no answer to 'facts' within 0.05 s",
    })
    expect(await shell.ended).toEqual({ kind: 'exited', code: 0 })
  })

  it('puts an answer together that comes in pieces, also of several bytes a character', async () => {
    const { shell, written } = muteShell()
    const agent = startAgent(shell, 30, 60)
    const reply = agent.request(['facts', 'x'])
    const mark = /agent '(\S+)'/.exec(written[0] ?? '')?.[1]
    const answer = `noise\n${mark} begin system\nümlaut\n\n${mark} end 0\n${mark} done\n`
    for (const byte of Buffer.from(answer)) (shell.stdout as PassThrough).write(Buffer.from([byte]))
    const answered = await reply
    expect(answered.kind === 'answered' && [...answered.sections]).toEqual([
      ['system', { text: 'ümlaut', code: 0 }],
    ])
    agent.end()
  })
})
