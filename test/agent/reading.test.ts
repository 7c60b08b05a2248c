import { existsSync } from 'node:fs'
import { describe, expect, it as plainIt } from 'vitest'
import { startAgent } from '../../src/agent/agent.ts'
import { startingText } from '../../src/agent/program/starting-text.ts'
import { cases, furnish } from './firewall-cases.ts'
import { type Host, itOnHost, shells } from './host-in-namespace.ts'

const guards = ['forward', 'nft', 'mangle', 'auto'] as const

/** What differs from one reading to the next, or names the session. */
const fleeting = [
  'agent',
  'fingerprint',
  'room',
  'network',
  'rules',
  'raw',
  'mangle',
  'raw6',
  'mangle6',
]

/** What a host tells an agent that only reads, or one that may change it. */
async function factsOf(host: Host, guard: (typeof guards)[number], changes = false) {
  const shell = host.shell()
  const agent = startAgent(shell, 60, 60, guard, changes)
  const answer = await agent.facts('cluster_nodes')
  if (answer.kind === 'lost') throw new Error(answer.reason)
  agent.end()
  await shell.ended
  return { sections: answer.sections, stderr: shell.stderrTail() }
}

async function read(host: Host, guard: (typeof guards)[number], changes: boolean) {
  const { sections, stderr } = await factsOf(host, guard, changes)
  return {
    names: [...sections.keys()],
    lasting: [...sections].filter(([name]) => !fleeting.includes(name)),
    codes: [...sections].map(([name, { code }]) => [name, code]),
    stderr,
  }
}

describe.each(Object.entries(shells))('an agent that only reads under %s', (_name, command) => {
  const it = itOnHost(command)

  it.for(guards)('tells the same as a whole one, with guard %s', async (guard, { host }) => {
    furnish(host, cases[2]?.script ?? '')
    const reading = await read(host, guard, false)
    expect(reading.stderr).toBe('')
    expect(reading).toEqual(await read(host, guard, true))
    expect(host.leftovers()).toBe('')
  })

  it('refuses to change a host, and says why', async ({ host }) => {
    furnish(host, cases[2]?.script ?? '')
    const before = host.firewall()
    const agent = startAgent(host.shell(), 60, 60, 'forward', false)
    const facts = await agent.facts('cluster_nodes')
    const fingerprint = facts.kind === 'facts' ? facts.sections.get('fingerprint')?.text.trim() : ''
    const owner = { run: 'run-1', who: 'test' }
    const changes = [{ kind: 'table', after: undefined }] as const
    const change = { set: 'cluster_nodes', owner, fingerprint: fingerprint ?? '', lease: 30 }
    expect(await agent.apply({ ...change, changes, undo: changes })).toEqual({
      kind: 'untouched',
      reason: 'this session only reads',
    })
    expect(await agent.commit('cluster_nodes', owner)).toMatchObject({ kind: 'failed' })
    expect(await agent.rollBack('cluster_nodes', owner)).toMatchObject({ kind: 'failed' })
    expect(await agent.clear('cluster_nodes', owner)).toMatchObject({ kind: 'failed' })
    expect(await agent.renew('run-1')).toMatchObject({ kind: 'unwatched' })
    expect(host.firewall()).toBe(before)
    expect(host.leftovers()).toBe('')
    agent.end()
  })
})

describe.each(Object.entries(shells))('the section other-rules under %s', (_name, command) => {
  itOnHost(command)('has no warning in the middle of a rule', async ({ host }) => {
    furnish(host, cases[2]?.script ?? '')
    host.run(`{ echo '*filter'
      i=0; while [ "$((i += 1))" -le 120 ]; do echo "-A FORWARD -s 10.0.0.$i -m mark --mark $i -j ACCEPT"; done
      echo COMMIT; } | iptables-nft-restore -n`)
    expect(host.run('iptables-nft-save 2>&1')).toMatch(/^-.+# Warning: iptables-legacy tables/m)
    const shell = host.shell()
    const agent = startAgent(shell, 60, 60, 'forward', false)
    const answer = await agent.facts('cluster_nodes')
    if (answer.kind === 'lost') throw new Error(answer.reason)
    agent.end()
    const { code, text } = answer.sections.get('other-rules') ?? { code: undefined, text: '' }
    expect(code).toBe(0)
    expect(text.match(/^-A FORWARD .* -j ACCEPT$/gm)).toHaveLength(120)
    await shell.ended
  })
})

describe.each(Object.entries(shells))('the section bridges under %s', (_name, command) => {
  itOnHost(command)(
    'names bridges, and nothing else, for the guard forward, if iptables sees what they pass on',
    async ({ host }) => {
      host.run(`mount -t sysfs none /sys; ip link add ens2 type veth peer name ens3
      ip link add br7 type bridge; ip link add br8.5 type bridge; ip link set ens2 master br7`)
      for (const [guard, seen, text] of [
        ['forward', 1, 'br7\nbr8.5'],
        ['mangle', 1, ''],
        ['forward', 0, ''],
      ] as const) {
        host.run(`echo ${seen} >/proc/sys/net/bridge/bridge-nf-call-iptables`)
        const { sections } = await factsOf(host, guard)
        expect(sections.get('bridges')).toEqual({ text, code: 0 })
      }
    },
  )
})

describe.each(Object.entries(shells))('the section ipv6 under %s', (_name, command) => {
  const it = itOnHost(command)
  const conf = '/proc/sys/net/ipv6/conf'

  /** Whether it tells that a host with these sysctls forwards IPv6. Its addresses are told in any case. */
  async function forwards(host: Host, sysctls: Readonly<Record<string, string>>): Promise<boolean> {
    host.run(`ip link show up0 >/dev/null 2>&1 || ip link add up0 type veth peer name up1
      ip link set up0 up; ip -6 addr replace fd00:5::1/64 dev up0 nodad`)
    for (const [name, value] of Object.entries(sysctls)) {
      host.run(`echo ${value} >${conf}/${name}`)
    }
    const { sections } = await factsOf(host, 'nft')
    const text = sections.get('ipv6')?.text ?? ''
    expect(text).toMatch(/^fd000005/m)
    return !/^not-forwarding$/m.test(text)
  }

  it('tells of every host that forwards, and of no other, that it does', async ({ host }) => {
    expect(await forwards(host, { 'all/forwarding': '0' })).toBe(false)
    expect(await forwards(host, { 'up0/forwarding': '1' })).toBe(false)
    for (const value of ['1', '2', '-1', '10']) {
      expect(await forwards(host, { 'all/forwarding': value }), value).toBe(true)
    }
  })

  it('tells of a host that forwards by force_forwarding of an interface', async ({
    host,
    skip,
  }) => {
    if (!existsSync(`${conf}/all/force_forwarding`)) skip('this kernel is older than 6.17')
    expect(await forwards(host, { 'all/forwarding': '0' })).toBe(false)
    expect(await forwards(host, { 'up0/force_forwarding': '1' })).toBe(true)
  })
})

describe('startingText', () => {
  plainIt('is half as long for an agent that only reads, which calls nothing of the rest', () => {
    const [reading, whole] = [startingText([], false), startingText([])]
    expect(reading.length).toBeLessThan(whole.length * 0.6)
    const namesIn = (text: string): readonly string[] =>
      [...text.matchAll(/^(\w+)\(\) \{/gm)].map(([, name]) => name ?? '')
    const own = new Set(namesIn(reading))
    const others = new Set(namesIn(whole).filter((name) => !own.has(name)))
    expect(others).toContain('perform')
    const place = String.raw`(?<=(?:^|[;&|({!]|\b(?:then|do|else|if|while|until|try|section [\w-]+)) *)`
    const call = new RegExp(String.raw`${place}\w+\b(?![ |\w]*\)|=)`, 'gm')
    const called = [...reading.matchAll(call)].map(([name]) => name)
    expect(called).toContain('take_fingerprint')
    // At the end of a session, and beside each tool, only for who has the lock.
    expect([...new Set(called.filter((name) => others.has(name)))].sort()).toEqual([
      'end_transaction',
      'progress',
      'unlock',
    ])
  })
})

describe.each(Object.entries(shells))('the section set-users under %s', (_name, command) => {
  itOnHost(command)(
    'counts no rule twice while another program exchanges the table',
    async ({ host }) => {
      host.run(`ipset create cluster_nodes hash:ip
        iptables -A FORWARD -m set ! --match-set cluster_nodes src -j REJECT
        cat >/usr/local/sbin/ipset <<'END'
#!/bin/sh
case $* in
  'list -t '*) [ -e /run/asked ] || { : >/run/asked; /usr/sbin/ipset "$@" | sed 's/^References: 1/References: 2/'; exit; } ;;
esac
exec /usr/sbin/ipset "$@"
END
        chmod +x /usr/local/sbin/ipset`)
      const { sections } = await factsOf(host, 'forward')
      expect(sections.get('set-users')?.text).toBe('cluster_nodes\t1')
    },
  )
})

describe.each(Object.entries(shells))('the section firewalls under %s', (_name, command) => {
  itOnHost(command)('names firewalld only if its file names a process', async ({ host }) => {
    for (const [file, text] of [
      ['', ''],
      [String.raw`\n`, ''],
      ['999999', ''],
      ['1', 'firewalld'],
    ] as const) {
      host.run(`printf '${file}' >/run/firewalld.pid`)
      const { sections } = await factsOf(host, 'forward')
      expect(sections.get('firewalls')?.text, file).toBe(text)
    }
  })
})
