import { describe, expect } from 'vitest'
import type { GuardChoice, Step } from '../../src/agent/agent.ts'
import { parseNote } from '../../src/agent/host-note.ts'
import { guardTable } from '../../src/agent/names.ts'
import type { Sections } from '../../src/agent/sections.ts'
import { readChosenGuard } from '../../src/facts/chosen-guard.ts'
import { readNativeServices } from '../../src/facts/sections/native-services.ts'
import { readPublishingTables } from '../../src/facts/sections/publishing-tables.ts'
import { readServiceRange } from '../../src/facts/sections/service-range.ts'
import { readState } from '../../src/facts/state.ts'
import { eventually } from '../eventually.ts'
import { type Conversation, stateOf, talkTo } from './conversation.ts'
import { cases, furnish } from './firewall-cases.ts'
import { type Host, itOnHost, shells } from './host-in-namespace.ts'
import { sleeping } from './slow-iptables.ts'

const fresh = cases[0]?.script ?? ''
const set = 'cluster_nodes'
const owner = { run: 'run-1', who: 'test' }

/** The text of a table that admits these members. */
const admitting = (members: string): string => `chain stranger {
    ct direction reply accept
    ct state invalid,untracked counter drop
    counter reject
  }
  chain prerouting { type filter hook prerouting priority -155; policy accept
    iifname { "ens18", "ens19" } ip daddr { 10.42.0.0/16, 10.44.0.0/16 } ip saddr != { ${members} } jump stranger
    iifname { "ens18", "ens19" } ip6 daddr { fd42::/56, fd43::/112 } ip6 saddr != { fd00::1, fd00::2 } jump stranger
  }`

const one = admitting('192.0.2.11, 192.0.2.12')
const two = admitting('192.0.2.11, 192.0.2.13')
const present = (after: string): Step => ({ kind: 'table', after })
const absent: Step = { kind: 'table', after: undefined }

/** Our table as the host's nft prints it without counters; empty where there is none. */
function standing(host: Host): string {
  return host.run(`/usr/sbin/nft -s list table ${guardTable} 2>/dev/null || :`)
}

/** Gives a host our table with this text, as if somebody had made it. */
function give(host: Host, text: string): void {
  host.run('/usr/sbin/nft -f /dev/stdin', `table ${guardTable} {\n${text}\n}\n`)
}

/** What stands between the braces of the host's table, as a step that brings it back. */
function stepOf(sections: Sections): Step {
  const text = sections.get('table')?.text ?? ''
  return text === '' ? absent : present(text.split('\n').slice(1, -1).join('\n'))
}

/** A conversation with a host that has or shall have a guard of this kind. `edit` changes the agent's program. */
async function talk(
  host: Host,
  guard: GuardChoice = 'nft',
  edit = (program: string): string => program,
): Promise<Talk> {
  const conversation = await talkTo(host, owner.run, owner.who, 30, edit, guard)
  const facts = async (): Promise<Sections> => {
    const answer = await conversation.agent.facts(set)
    if (answer.kind === 'lost') throw new Error(answer.reason)
    return answer.sections
  }
  return {
    ...conversation,
    sections: facts,
    async change(sections, changes, undo = [stepOf(sections)]) {
      const fingerprint = sections.get('fingerprint')?.text.trim() ?? ''
      const change = { set, owner, fingerprint, lease: 30, changes, undo }
      const answer = await conversation.agent.apply(change)
      const kind: string = answer.kind
      return 'reason' in answer ? `${kind}: ${answer.reason}` : kind
    },
  }
}

interface Talk extends Omit<Conversation, 'facts' | 'apply' | 'state'> {
  sections(): Promise<Sections>
  /** Makes a change, whose undo usually brings back the table that was read. */
  change(read: Sections, changes: readonly Step[], undo?: readonly Step[]): Promise<string>
}

/** A host of which the agent knows only these tools, beside those that every host has. */
function onlyWith(host: Host, ...tools: readonly string[]): (program: string) => string {
  host.run(`mkdir -p /run/tools
    for tool in ip setsid sleep mkdir mv rm rmdir ln ls readlink cat date df sed expr sort ${tools.join(' ')}; do
      ln -s "$(command -v $tool)" /run/tools/
    done`)
  return (program) => program.replace(/^PATH=.*$/m, 'PATH=/run/tools')
}

/** Puts a script in the place of nft. It finds the real one as /usr/sbin/nft. */
function replaceNft(host: Host, script: string): void {
  host.run(
    'cat >/usr/local/sbin/nft; chmod +x /usr/local/sbin/nft',
    `#!/bin/sh\n${script}\nexec /usr/sbin/nft "$@"\n`,
  )
}

describe.concurrent.each(Object.entries(shells))(
  'the table of fw-run under %s',
  (_shell, command) => {
    const it = itOnHost(command)
    const pause = '330.5'

    it('is made, exchanged and removed, each time as if it were the first', async ({ host }) => {
      const agent = await talk(host)
      give(host, two)
      const wanted = standing(host)
      host.run(`/usr/sbin/nft delete table ${guardTable}`)
      for (const [steps, after] of [
        [[present(one)], undefined],
        [[present(two), present(two)], wanted],
        [[absent, absent], ''],
      ] as const) {
        expect(await agent.change(await agent.sections(), steps)).toBe('applied')
        if (after !== undefined) expect(standing(host)).toBe(after)
        expect(await agent.commit()).toBe('committed')
        if (after !== undefined) expect(standing(host)).toBe(after)
      }
      await agent.leave()
      expect(host.leftovers()).toBe('')
    })

    it('comes back to the byte on rollback, also where somebody has flushed all in between', async ({
      host,
    }) => {
      give(host, one)
      const before = standing(host)
      const agent = await talk(host)
      for (const meddling of [':', 'nft flush ruleset']) {
        const read = await agent.sections()
        expect(await agent.change(read, [present(two)])).toBe('applied')
        expect(standing(host)).not.toBe(before)
        host.run(meddling)
        expect(await agent.rollback()).toBe('rolled-back')
        expect(standing(host)).toBe(before)
      }
      expect(await agent.change(await agent.sections(), [absent])).toBe('applied')
      expect(standing(host)).toBe('')
      expect(await agent.rollback()).toBe('rolled-back')
      expect(standing(host)).toBe(before)
      await agent.leave()
      expect(host.leftovers()).toBe('')
    })

    it('stays as it was where the new text is broken, and the reason does not repeat the text', async ({
      host,
    }) => {
      give(host, one)
      const before = standing(host)
      const members = Array.from({ length: 500 }, (_, i) => `10.0.${i >> 8}.${i & 255}`).join(', ')
      const agent = await talk(host)
      const read = await agent.sections()
      for (const broken of [
        admitting(members).replace(/\}$/, ''),
        admitting(members).replace('jump stranger', 'jump'),
        admitting(members).replace('jump stranger', 'jump nowhere'),
      ]) {
        const told = await agent.change(read, [present(broken)])
        expect(told).toMatch(/^failed: nft -f failed with exit code 1: .*Error: /)
        expect(told.length).toBeLessThan(700)
        expect(standing(host)).toBe(before)
        expect(await agent.rollback()).toBe('rolled-back')
        expect(standing(host)).toBe(before)
      }
      await agent.leave()
    })

    it('is brought back by the watchdog when the agent is killed', async ({ host }) => {
      give(host, one)
      const before = standing(host)
      const agent = await talk(host, 'nft', onlyWith(host, 'nft'))
      expect(await agent.change(await agent.sections(), [present(two)])).toBe('applied')
      process.kill(agent.pid, 'SIGKILL')
      await eventually(() => expect(standing(host)).toBe(before))
      await eventually(() => expect(host.leftovers()).toBe(''))
      expect(parseNote(host.note())).toMatchObject({ kind: 'rolled-back', run: 'run-1' })
    })

    it('needs neither iptables nor ipset on the host', async ({ host }) => {
      const agent = await talk(host, 'nft', onlyWith(host, 'nft'))
      const read = await agent.sections()
      for (const name of ['tools', 'iptables-version', 'table', 'rules', 'sets']) {
        expect(read.get(name), name).toEqual({ text: '', code: 0 })
      }
      expect(await agent.change(read, [present(one)])).toBe('applied')
      expect(await agent.rollback()).toBe('rolled-back')
      expect(standing(host)).toBe('')
      expect(await agent.change(read, [present(one)])).toBe('applied')
      expect(await agent.commit()).toBe('committed')
      expect(standing(host)).toContain('192.0.2.12')
      expect(await agent.clear()).toBe('cleared')
      await agent.leave()
      expect(host.leftovers()).toBe('')
    })

    it('needs no module of iptables on the host', async ({ host }) => {
      // What iptables says where its modules are missing: of the legacy backend, and of nf_tables without nft_compat.
      for (const [version, said, code] of [
        [
          'legacy',
          "can't initialize iptables table: Table does not exist (do you need to insmod?)",
          3,
        ],
        [
          'nf_tables',
          'Warning: Extension MARK revision 0 not supported, missing kernel module?',
          4,
        ],
      ] as const) {
        host.run(
          `cat >/usr/local/sbin/moduleless; chmod +x /usr/local/sbin/moduleless
         for tool in iptables ip6tables; do
           for verb in '' -save -restore; do ln -sf moduleless /usr/local/sbin/$tool$verb; done
         done`,
          `#!/bin/sh
case $0,$1 in *,-V) echo 'iptables v1.8.9 (${version})'; exit ;; *-save,*) exit ;; esac
echo "${said}" >&2
exit ${code}
`,
        )
        const agent = await talk(host)
        const read = await agent.sections()
        expect(readState(read)).toMatchObject({ kind: 'read' })
        expect(await agent.change(read, [present(one)])).toBe('applied')
        expect(await agent.rollback()).toBe('rolled-back')
        expect(standing(host)).toBe('')
        expect(await agent.change(read, [present(one)])).toBe('applied')
        expect(await agent.commit()).toBe('committed')
        expect(await agent.change(await agent.sections(), [absent])).toBe('applied')
        expect(await agent.commit()).toBe('committed')
        await agent.leave()
        expect(host.leftovers()).toBe('')
      }
    })

    it('is no choice on a kernel without nf_tables: auto takes mangle there, and says why', async ({
      host,
    }) => {
      furnish(host, fresh)
      replaceNft(
        host,
        'echo "netlink: Error: cache initialization failed: Protocol not supported" >&2; exit 1',
      )
      const agent = await talk(host, 'auto')
      const read = await agent.sections()
      expect(readChosenGuard(read)).toEqual({
        kind: 'mangle',
        reason: expect.stringContaining('Protocol not supported'),
      })
      expect(readState(read)).toMatchObject({ kind: 'read' })
      expect(await agent.change(read, [], [])).toBe('applied')
      expect(await agent.rollback()).toBe('rolled-back')
      await agent.leave()
    })

    it('is not looked for where nft is not installed, and cannot be made there', async ({
      host,
    }) => {
      furnish(host, fresh)
      const edit = onlyWith(host, 'iptables', 'iptables-save', 'ipset')
      const agent = await talk(host, 'forward', edit)
      const read = await agent.sections()
      expect(read.get('tools')).toEqual({ text: '', code: 0 })
      expect(read.get('table')).toEqual({ text: '', code: 0 })
      expect(await agent.change(read, [absent])).toBe('applied')
      expect(await agent.rollback()).toBe('rolled-back')
      expect(await agent.change(read, [present(one)])).toBe('failed: nft is not installed')
      expect(await agent.rollback()).toBe('rolled-back')
      await agent.leave()
      const other = await talk(host, 'nft', edit)
      const facts = await other.sections()
      expect(facts.get('tools')?.text).toBe('nft')
      expect(facts.get('nft-support')).toEqual({ text: 'nft is not installed', code: 1 })
      await other.leave()
    })

    it('makes a plan stale when it is edited, not when it counts packets', async ({ host }) => {
      furnish(host, fresh)
      give(host, `${one}\nchain out { type filter hook output priority 0\ncounter\n}`)
      for (const guard of ['nft', 'forward'] as const) {
        const agent = await talk(host, guard)
        const read = await agent.sections()
        expect(read.get('table')?.text).toMatch(/counter packets \d+ bytes \d+/)
        host.run('ip link set lo up; ping -c 1 -q 127.0.0.1 >/dev/null')
        const counted = await agent.sections()
        expect(counted.get('table')?.text).not.toBe(read.get('table')?.text)
        expect(counted.get('fingerprint')).toEqual(read.get('fingerprint'))
        host.run(`/usr/sbin/nft add rule ${guardTable} stranger accept`)
        const before = standing(host)
        expect(await agent.change(counted, [present(two)])).toBe('stale')
        expect(standing(host)).toBe(before)
        await agent.leave()
      }
    })

    it('makes no plan stale for rules that others write, only for those that name our set', async ({
      host,
    }) => {
      furnish(host, `${fresh}\nipset create cluster_nodes iphash`)
      const agent = await talk(host)
      const print = async () => (await agent.sections()).get('fingerprint')?.text
      const before = await print()
      host.run('iptables -I FORWARD 1 -s 203.0.113.1 -j DROP; iptables -P FORWARD DROP')
      expect(await print()).toBe(before)
      host.run('iptables -A FORWARD -m set ! --match-set cluster_nodes src -j DROP')
      const named = await print()
      expect(named).not.toBe(before)
      host.run('ipset add cluster_nodes 192.0.2.11; iptables -P FORWARD ACCEPT')
      expect(await print()).not.toBe(named)
      for (const table of ['mangle', 'security']) {
        host.run(`iptables -t ${table} -A FORWARD -m set --match-set cluster_nodes src -j ACCEPT`)
      }
      expect(await agent.change(await agent.sections(), [present(one)])).toBe('applied')
      expect(await agent.rollback()).toBe('rolled-back')
      await agent.leave()
    })

    it('is changed beside the set and the rules of a guard that goes', async ({ host }) => {
      furnish(host, `${fresh}\nipset create cluster_nodes iphash`)
      const before = host.firewall()
      const agent = await talk(host)
      const read = await agent.sections()
      expect(read.get('sets')?.text).toContain('create cluster_nodes')
      expect(read.get('rules')?.text).toContain('cali-FORWARD')
      const whole: Step = {
        ...{ kind: 'set', name: set },
        after: { type: 'hash:ip family inet', members: [] },
      }
      const gone: Step = { kind: 'set', name: set, after: undefined }
      expect(await agent.change(read, [present(one), gone], [whole, absent])).toBe('applied')
      expect(host.firewall()).not.toContain('create cluster_nodes')
      expect(standing(host)).not.toBe('')
      expect(await agent.rollback()).toBe('rolled-back')
      expect(host.firewall()).toBe(before)
      expect(standing(host)).toBe('')
      await agent.leave()
    })

    it('is never taken for absent where nft fails; guard forward goes on there', async ({
      host,
    }) => {
      furnish(host, fresh)
      replaceNft(host, 'echo "netlink: Error: cache initialization failed: no" >&2; exit 1')
      const why = /^nft list table inet fw_run failed with exit code 1: netlink: Error: cache/
      const agent = await talk(host)
      const read = await agent.sections()
      expect(read.get('table')).toEqual({ text: expect.stringMatching(why), code: 1 })
      expect(read.get('fingerprint')).toEqual({ text: expect.stringMatching(why), code: 1 })
      expect(read.get('nft-support')).toEqual({
        text: 'nft -c -f failed with exit code 1: netlink: Error: cache initialization failed: no',
        code: 1,
      })
      expect(await agent.change(read, [present(one)], [])).toMatch(/^untouched: nft list table /)
      await agent.leave()
      const other = await talk(host, 'forward')
      const facts = await other.sections()
      expect(facts.get('table')).toEqual({ text: '', code: 0 })
      expect(await other.change(facts, [], [])).toBe('applied')
      expect(await other.change(facts, [present(one)], [])).toMatch(/^failed: nft -f failed /)
      await other.leave()
    })

    it('is given up where nft hangs, and what hung is ended', async ({ host }) => {
      give(host, one)
      const before = standing(host)
      const agent = await talk(host, 'nft', (program) =>
        program.replace('\nlimit=20\n', '\nlimit=2\n'),
      )
      const read = await agent.sections()
      replaceNft(host, `[ "$1" != -f ] || exec sleep ${pause}`)
      expect(await agent.change(read, [present(two)])).toBe(
        'failed: nft -f failed with exit code 143: it did not end within 2 s',
      )
      expect(sleeping(host, pause)).toBe('')
      host.run('rm /usr/local/sbin/nft')
      expect(await agent.rollback()).toBe('rolled-back')
      expect(standing(host)).toBe(before)
      await agent.leave()
    })

    it('is read without the members of others where these are very many and no rules are read', async ({
      host,
    }) => {
      host.run(`for tool in iptables ip6tables; do
      for verb in '' -save -restore; do ln -sf /usr/sbin/$tool-nft$verb /usr/local/sbin/$tool$verb; done
    done`)
      const members = Array.from(
        { length: 5000 },
        (_, i) => `add other 10.9.${i >> 8}.${i & 255}\n`,
      )
      const sets = `create other hash:net\n${members.join('')}create cali40all-ipam-pools hash:net
add cali40all-ipam-pools 10.42.0.0/16\ncreate ${set} hash:net\nadd ${set} 192.0.2.11
create ${set}-6 hash:ip family inet6\nadd ${set}-6 fd00::1\ncreate all list:set\nadd all ${set}\n`
      host.run('/usr/sbin/ipset restore', sets)
      const agent = await talk(host)
      const all = stateOf(readState(await agent.sections())).sets
      expect([...all.keys()].sort()).toEqual([
        'all',
        'cali40all-ipam-pools',
        set,
        `${set}-6`,
        'other',
      ])
      const found = [...all.values()].map(({ name, members }) => [name, members])
      expect(Object.fromEntries(found)).toEqual({
        other: [],
        'cali40all-ipam-pools': ['10.42.0.0/16'],
        [set]: ['192.0.2.11'],
        [`${set}-6`]: ['fd00::1'],
        all: [set],
      })
      expect(await agent.change(await agent.sections(), [present(one)])).toBe('applied')
      expect(await agent.rollback()).toBe('rolled-back')
      host.run(`ipset add ${set} 192.0.2.99`)
      expect(await agent.change(await agent.sections(), [present(one)])).toBe('applied')
      await agent.leave()
    })

    it('is read beside the services of a kube-proxy in nftables mode, of both families', async ({
      host,
    }) => {
      const services = (family: string, type: string, ip: string, network: string): string =>
        `table ${family} kube-proxy {
        set cluster-ips { type ${type}; elements = { ${ip} } }
        chain cluster-ips-check { ${family} daddr @cluster-ips reject
          ${family} daddr { ${network} } drop comment "unallocated"
        }
      }\n`
      const agent = await talk(host, 'mangle')
      const native = async () => readNativeServices(await agent.sections())
      expect(await native()).toEqual({ kind: 'read', value: { clusterIps: [], networks: [] } })
      host.run(
        'echo 1 >/proc/sys/net/ipv6/conf/all/forwarding; /usr/sbin/nft -f -',
        services('ip', 'ipv4_addr', '10.43.0.1, 10.43.0.80', '10.43.0.0/16'),
      )
      expect(await native()).toMatchObject({ value: { clusterIps: ['10.43.0.1', '10.43.0.80'] } })
      host.run('/usr/sbin/nft -f -', services('ip6', 'ipv6_addr', 'fd43::1', 'fd43::/112'))
      const both = {
        clusterIps: ['10.43.0.1', '10.43.0.80', 'fd43::1'],
        networks: ['10.43.0.0/16', 'fd43::/112'],
      }
      expect(await native()).toEqual({ kind: 'read', value: both })

      replaceNft(host, 'case $* in *kube-proxy*) exit 139 ;; esac; exec /usr/sbin/nft "$@"')
      expect(await native()).toMatchObject({
        kind: 'unreadable',
        reason: expect.stringContaining('exit code 139'),
      })
      replaceNft(
        host,
        'echo "netlink: Error: cache initialization failed: Protocol not supported" >&2; exit 1',
      )
      expect(await native()).toMatchObject({ value: { clusterIps: [] } })
      host.run('rm /usr/local/sbin/nft; iptables -t nat -N DOCKER')
      expect(await native()).toEqual({ kind: 'read', value: both })
      host.run('iptables -t nat -N KUBE-SERVICES')
      expect(await native()).toMatchObject({ value: { clusterIps: [] } })
      await agent.leave()
    })

    it('is read beside the tables of others that publish ports, with guard forward', async ({
      host,
    }) => {
      const table = (name: string, ...rules: readonly string[]): string =>
        `table ${name} {
        chain prerouting { type nat hook prerouting priority -100; policy accept; }
        chain ports {\n${rules.join('\n')}\n}
      }\n`
      const put = (text: string): unknown => host.run('/usr/sbin/nft -f -', text)
      const agent = await talk(host, 'forward')
      const tables = async () => readPublishingTables(await agent.sections())
      expect(await tables()).toEqual({ kind: 'read', value: [] })
      const dnat = 'tcp dport 9091 dnat ip to 10.42.1.10:8080'
      put(`${table('inet firewalld', 'tcp dport 80 redirect to :8080')}
      ${table('ip kube-proxy', dnat)}${table('ip6 some', 'tcp dport 80 dnat to fd42::10')}
      table inet nat_of_pods { chain post { type nat hook postrouting priority 100; masquerade; }; }`)
      host.run('iptables-nft -t nat -A PREROUTING -p tcp -j DNAT --to-destination 10.42.1.10')
      expect(await tables()).toEqual({ kind: 'read', value: [] })
      put(table('ip nat', dnat))
      expect(await tables()).toEqual({ kind: 'read', value: ['ip nat'] })
      put('delete chain ip nat prerouting\ndelete chain ip nat ports')
      put(`${table('inet cni_hostport', dnat)}${table('ip docker-bridges', dnat)}`)
      expect(await tables()).toEqual({
        kind: 'read',
        value: ['inet cni_hostport', 'ip docker-bridges'],
      })
      expect((await agent.sections()).get('translating-tables')?.text).not.toContain('firewalld')

      put(`delete table inet cni_hostport\n${table('inet long', ...Array(2000).fill(dnat))}`)
      const { text } = (await agent.sections()).get('translating-tables') ?? { text: '' }
      expect(text.length).toBeLessThan(1000)
      expect(await tables()).toMatchObject({ value: ['ip docker-bridges', 'inet long'] })

      // What is no plain name, or too much, is never given to nft.
      const pretend = (says: string): void =>
        replaceNft(
          host,
          `case $* in 'list chains') printf '${says}'; exit ;; *odd*) exit 1 ;; esac`,
        )
      pretend('table inet odd; flush ruleset {\n\t\ttype nat hook prerouting priority 0;\n')
      expect(await tables()).toMatchObject({ value: ['inet odd; flush ruleset'] })
      const many = Array.from(
        { length: 20 },
        (_, at) => `table ip t${at} {\n\ttype nat hook prerouting 0\n`,
      )
      pretend(many.join(''))
      expect(await tables()).toMatchObject({ value: many.slice(8).map((_, at) => `ip t${at + 8}`) })
      replaceNft(host, `case $* in 'list chains') exit 139 ;; esac`)
      expect(await tables()).toMatchObject({
        kind: 'unreadable',
        reason: expect.stringContaining('exit code 139'),
      })
      host.run(`mount -t tmpfs none /sys/module; mkdir /sys/module/nf_tables /sys/module/nft_chain_nat
      for one in nf_tables nft_chain_nat; do echo 0 >/sys/module/$one/refcnt; done`)
      expect(await tables()).toEqual({ kind: 'read', value: [] })
      host.run('echo 1 >/sys/module/nft_chain_nat/refcnt')
      expect((await tables()).kind).toBe('unreadable')
      await agent.leave()
    })

    it('is not all that guard nft must know: which form passes, who would flush it, what has IPv6', async ({
      host,
    }) => {
      host.run(
        `mkdir -p /run/systemd/system /run/up /run/work && mount -t overlay none -o lowerdir=/etc,upperdir=/run/up,workdir=/run/work /etc
       mount -t tmpfs none /etc/systemd; ip link set lo up; ip link add ens18 type veth peer name ens19`,
      )
      const agent = await talk(host)
      const still = await agent.sections()
      expect(still.get('nft-support')).toEqual({ text: 'prerouting reject', code: 0 })
      expect(still.get('flushing')).toEqual({ text: '', code: 0 })
      expect(still.get('ipv6')?.text).toMatch(/^not-forwarding\n0{31}1 .* lo$/)
      expect(still.get('flow-table')).toEqual({ text: '', code: 0 })
      expect(still.get('source-routes')).toEqual({ text: '', code: 0 })
      expect(still.get('bpf-maps')).toEqual({ text: '', code: 0 })

      host.run(`mkdir -p /etc/systemd/system/sysinit.target.wants
      ln -s /lib/systemd/system/nftables.service /etc/systemd/system/sysinit.target.wants/
      : >/etc/nftables.conf; ln -s /dev/null /etc/systemd/system/nftables.service
      echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
      ip link add veth7 type veth peer name bond0.5
      for one in all ens18; do echo 2 >/proc/sys/net/ipv4/conf/$one/rp_filter; done
      echo 1 >/proc/sys/net/ipv4/conf/ens19/rp_filter; echo 0 >/proc/sys/net/ipv4/conf/bond0.5/rp_filter
      mount -t tmpfs none /sys/fs/bpf; mkdir -p /sys/fs/bpf/tc/globals
      for map in cali_v4_ct3 cali_v4_routes other; do touch /sys/fs/bpf/tc/globals/$map; done
      mount -t tmpfs none /sys/module; mkdir /sys/module/nft_flow_offload; echo 2 >/sys/module/nft_flow_offload/refcnt
      cd /proc/sys/net/ipv6/conf; echo 0 >ens18/accept_dad; echo 2 >ens18/use_tempaddr
      ip link set ens18 up; ip -6 addr add fd00:18::1/64 dev ens18 nodad mngtmpaddr
      until ip -6 addr show dev ens18 temporary | grep -q inet6; do sleep 0.1; done`)
      expect((await agent.sections()).get('flushing')?.text).toBe('')
      host.run(`rm /etc/systemd/system/nftables.service; mkdir -p /etc/kubernetes/manifests
      printf '%s\\n' 'spec:' '    - --service-cluster-ip-range=10.96.0.0/12' >/etc/kubernetes/manifests/kube-apiserver.yaml`)
      const facts = await agent.sections()
      expect(facts.get('service-range')).toEqual({ text: '10.96.0.0/12', code: 0 })
      host.run(`rm /etc/kubernetes/manifests/kube-apiserver.yaml; mkdir -p /etc/rancher/k3s /etc/rancher/rke2
      printf '%s\\n' 'service-cidr: # both' '# IPv4' '  - 10.43.0.0/16 # was 10.1.0.0/16' '  - "fd43::/112"' 'tls-san:' '  - 10.9.0.0/16' >/etc/rancher/k3s/config.yaml
      printf 'service-cidr: [10.44.0.0/16, "fd44::/112"]' >/etc/rancher/rke2/config.yaml`)
      expect(readServiceRange(await agent.sections())).toEqual([
        ...['10.43.0.0/16', 'fd43::/112', '10.44.0.0/16', 'fd44::/112'],
      ])
      expect(facts.get('flushing')).toEqual({ text: 'nftables', code: 0 })
      expect(facts.get('flow-table')).toEqual({ text: '2', code: 0 })
      expect(facts.get('bpf-maps')?.text).toBe('/sys/fs/bpf/tc/globals/cali_v4_ct3')
      const filters = facts.get('source-filters')?.text.split('\n') ?? []
      expect(filters).toEqual(expect.arrayContaining(['all 2', 'ens18 2', 'ens19 1', 'bond0.5 0']))
      expect(filters.join()).not.toContain('veth')
      const routed = (values: readonly string[]) =>
        host.run(
          `cd /proc/sys/net/ipv4/conf; for one in */accept_source_route; do echo 0 >$one; done
         for one in ${values.join(' ')}; do echo 1 >$one/accept_source_route; done`,
        )
      for (const [values, taken] of [
        [['ens18', 'ens19'], ''],
        [['all'], ''],
        [['all', 'ens18', 'veth7'], 'ens18'],
      ] as const) {
        routed(values)
        expect((await agent.sections()).get('source-routes')).toEqual({ text: taken, code: 0 })
      }
      expect(facts.get('ipv6')?.text).toMatch(/^fd000018000000000000000000000001 .* ens18$/m)
      expect(facts.get('ipv6')?.text).toMatch(/^prefers ens18$/m)
      expect(facts.get('ipv6')?.text).toMatch(/^fd000018000000000000000000000000 40 .* ens18$/m)

      for (const [refused, form] of [
        ['*reject*prerouting*', 'prerouting drop\nforward reject'],
        ['*prerouting*', 'forward reject'],
      ] as const) {
        replaceNft(
          host,
          `[ "$1" = -c ] || exec /usr/sbin/nft "$@"
         text=$(cat)
         case $text in ${refused}) echo 'Error: not here' >&2; exit 1 ;; esac
         printf '%s\\n' "$text" | /usr/sbin/nft "$@"
         exit`,
        )
        expect((await agent.sections()).get('nft-support')).toEqual({ text: form, code: 0 })
      }
      // Others may read this host at the same time. The kernel shows them a table that a check has made and deleted.
      replaceNft(host, `[ "$1" = -c ] || exec /usr/sbin/nft "$@"; cat >/run/checked`)
      await agent.sections()
      expect(host.run('cat /run/checked')).not.toMatch(/^delete|^table inet fw_run /m)
      // What fails for a moment must not weaken the guard.
      for (const [does, says] of [
        ['exit 3', 'nft -c -f failed with exit code 3: it printed nothing'],
        ['echo odd >&2; exit 1', 'nft -c -f failed with exit code 1: odd'],
      ]) {
        replaceNft(host, `[ "$1" = -c ] || exec /usr/sbin/nft "$@"; ${does}`)
        expect((await agent.sections()).get('nft-support')).toEqual({ text: says, code: 2 })
      }
      await agent.leave()
    })
  },
)
