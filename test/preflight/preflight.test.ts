import { describe, expect, it } from 'vitest'
import { type CheckId, checkList } from '../../src/check-names/check-list.ts'
import { findings, preliminaryFindings } from '../../src/preflight/preflight.ts'
import { sessionFindings } from '../../src/preflight/session-findings.ts'
import { exactSet, forward, guard, hostState } from '../plan/host-state.ts'
import { factsWith, mangleSubject, nftSubject, resultOf, subject } from './subject.ts'

const calico = '-A cali-FORWARD -m mark --mark 0x10000/0x10000 -j ACCEPT'
const published = `*nat
:PREROUTING ACCEPT [0:0]
-A PREROUTING -d 192.0.2.11/32 -p tcp -m tcp --dport 8443 -j DNAT --to-destination 10.42.1.10:443
COMMIT`
const locked = { text: 'Another app is currently holding the xtables lock.', code: 4 }

/** What spoils a host, the check that finds it, what its reason names, and what its remedy. */
/** One node that the set lacks, one that it has, an old one that no gateway is at, and one behind a gateway of no pods. */
const tunnels = [
  'device flannel.1',
  '02:42:0a:2a:08:00 dst 192.0.2.18 self permanent',
  '02:42:0a:2a:09:00 dst 192.0.2.12 self permanent',
  '02:42:0a:2a:77:00 dst 192.0.2.77 self permanent',
  '02:42:0a:2a:78:00 dst 192.0.2.78 self permanent',
].join('\n')
const gateways = [
  '10.42.8.0 dev flannel.1 lladdr 02:42:0a:2a:08:00 PERMANENT ',
  '10.42.9.0 dev flannel.1 lladdr 02:42:0a:2a:09:00 PERMANENT ',
  '172.30.0.0 dev flannel.1 lladdr 02:42:0a:2a:78:00 PERMANENT ',
].join('\n')

const failures: readonly [string, CheckId, Parameters<typeof subject>[0], RegExp, RegExp][] = [
  [
    'ipset is missing',
    'firewall-tools',
    { texts: { tools: 'iptables\niptables-save\nip' } },
    /iptables, iptables-save, ip$/,
    /`apt-get install iptables iproute2` .*, `yum install iptables iproute` /,
  ],
  [
    'iptables writes to nf_tables',
    'legacy-backend',
    { texts: { 'iptables-version': 'iptables v1.8.9 (nf_tables)' } },
    /v1\.8\.9 \(nf_tables\)/,
    /update-alternatives/,
  ],
  [
    'iptables is not iptables',
    'legacy-backend',
    { texts: { 'iptables-version': 'sh: iptables: not found' } },
    /not found/,
    /Install iptables/,
  ],
  [
    'the xtables lock is held',
    'readable-rules',
    { texts: { fingerprint: locked } },
    /xtables lock/,
    /fuser/,
  ],
  [
    'the lock is held, as timeout tells',
    'readable-rules',
    { texts: { fingerprint: { text: '', code: 124 } } },
    /exit code 124/,
    /fuser/,
  ],
  [
    'the sets cannot be read',
    'readable-rules',
    {
      texts: {
        sets: { text: 'ipset v7.1: Kernel error received: Operation not permitted', code: 1 },
      },
    },
    /ipset save .*not permitted/,
    /Run `ipset save` on that host as root/,
  ],
  [
    'the routes cannot be read',
    'readable-network',
    { texts: { routes: { text: 'Dump terminated', code: 2 } } },
    /ip -4 route; .* failed \(exit code 2\): Dump terminated/,
    /Run `ip -4 addr; ip -4 route; ip link` on that host/,
  ],
  [
    'the other backend cannot be read',
    'one-backend',
    { texts: { 'other-rules': { text: 'Permission denied', code: 4 } } },
    /fw-run could not read the nf_tables backend: iptables-nft-save failed/,
    /Run `iptables-nft-save` on that host as root/,
  ],
  [
    'the other backend has a table that only nft can show',
    'one-backend',
    { texts: { 'other-rules': "# Table `nat' is incompatible, use 'nft' tool." } },
    /table nat, which `nft` wrote/,
    /nft list table ip nat/,
  ],
  [
    'another run holds the host',
    'other-run',
    { texts: { lock: '2026\tann@jump' } },
    /ann@jump/,
    /Wait/,
  ],
  [
    'the kernel has no set match',
    'kernel-support',
    { texts: { support: 'match set' } },
    /match set/,
    /`yum install kernel-modules-.*fw_guard: nft/,
  ],
  [
    'the kernel has no target REJECT',
    'kernel-support',
    { texts: { support: 'target REJECT' } },
    /target REJECT/,
    /Or set fw_action: DROP/,
  ],
  [
    'the kernel has no conntrack match where it is needed',
    'kernel-support',
    { texts: { support: 'match conntrack' }, intent: { published: 'allow' } },
    /match conntrack/,
    /reboot that host\. .*`apt-get install linux-modules-/,
  ],
  [
    'others may write to /run/fw-run',
    'run-directory',
    { texts: { 'untrusted-room': 'untrusted-room\tdrwxrwxrwx\t1000' } },
    /belongs to the user with UID 1000 and has the mode drwxrwxrwx/,
    /`rm -r \/run\/fw-run`/,
  ],
  [
    '/run has no space for the undo of a large set',
    'run-space',
    {
      state: hostState(
        forward(),
        `${exactSet}\n${Array.from({ length: 65_000 }, (_, i) => `add cluster_nodes 10.1.${i >> 8}.${i & 255}`).join('\n')}`,
      ),
      texts: { room: 'Filesystem 1024-blocks Used Available\ntmpfs 1000 200 800 20% /run' },
    },
    /800 kB free and needs 835 kB/,
    /du -ax/,
  ],
  [
    '/run is full',
    'run-space',
    {
      texts: {
        room: 'Filesystem 1024-blocks Used Available Capacity Mounted on\ntmpfs 1000 990 10 99% /run',
      },
    },
    /10 kB/,
    /du -ax/,
  ],
  [
    'the chains are in the other backend',
    'one-backend',
    {
      state: hostState(['-A FORWARD -d 10.42.0.0/16 -j ACCEPT']),
      texts: {
        'other-rules':
          '*filter\n:cali-FORWARD - [0:0]\n:KUBE-FORWARD - [0:0]\n-A cali-FORWARD -j RETURN\n-A KUBE-FORWARD -j RETURN\nCOMMIT',
      },
    },
    /cali-FORWARD, KUBE-FORWARD/,
    /iptablesBackend: Legacy .* reboot that host/,
  ],
  [
    'there is no such interface',
    'interface',
    { intent: { interfaces: ['eth0'] } },
    /no interface eth0; .*: ens18/,
    /Correct fw_interface/,
  ],
  [
    'the interface is down',
    'interface',
    { intent: { interfaces: ['ens18', 'ens19'] } },
    /ens19 is down/,
    /ip link set ens19 up/,
  ],
  [
    'the interface has no address',
    'interface',
    { texts: { addresses: '' } },
    /ens18 has no address, but the inventory says 192\.0\.2\.11/,
    /addresses of that host/,
  ],
  [
    'the interface has another address',
    'interface',
    { texts: { addresses: '2: ens18    inet 192.0.2.99/24 scope global ens18' } },
    /192\.0\.2\.99.*192\.0\.2\.11/,
    /addresses of that host/,
  ],
  [
    'Calico is not at work',
    'calico',
    { state: hostState(forward().slice(1), exactSet) },
    /cali-FORWARD/,
    /calico-node/,
  ],
  [
    'Felix accepts by itself',
    'calico',
    { state: hostState([...forward(), calico], exactSet) },
    /-A cali-FORWARD -m mark/,
    /3\.16/,
  ],
  [
    'nobody knows the pods',
    'pod-networks',
    { intent: { podCidrs: [] } },
    /flannel/,
    /fw_pod_cidrs/,
  ],
  [
    'Calico knows a node that is not in the set',
    'known-nodes',
    {
      state: hostState(
        forward(),
        `${exactSet}\ncreate cali40all-hosts-net hash:net family inet\nadd cali40all-hosts-net 192.0.2.13\nadd cali40all-hosts-net 192.0.2.11`,
      ),
    },
    /the guard does not allow: 192\.0\.2\.13\./,
    /fw_extra_members/,
  ],
  [
    'Calico has a VXLAN tunnel to a node that is not in the set',
    'known-nodes',
    {
      state: hostState(
        forward(),
        `${exactSet}\ncreate cali40all-vxlan-net hash:net family inet\nadd cali40all-vxlan-net 192.0.2.14`,
      ),
    },
    /the guard does not allow: 192\.0\.2\.14\./,
    /fw_extra_members/,
  ],
  [
    'a route to pods leads over a node that is not in the set',
    'known-nodes',
    {
      texts: {
        routes:
          '10.42.7.0/24 via 192.0.2.17 dev ens18\ndefault via 192.0.2.1 dev ens18\n10.42.8.0/24 via 10.42.8.0 dev flannel.1',
      },
    },
    /the guard does not allow: 192\.0\.2\.17\./,
    /inventory/,
  ],
  [
    'a node that is not in the set leads to other pods, too',
    'known-nodes',
    {
      texts: {
        routes:
          '10.42.7.0/24 via 192.0.2.17 dev ens18\n10.44.7.0/24 via 192.0.2.17 dev ens18\ndefault via 192.0.2.1 dev ens18',
      },
    },
    /the guard does not allow: 192\.0\.2\.17\./,
    /inventory/,
  ],
  [
    'a tunnel to pods ends at a node that is not in the set',
    'known-nodes',
    {
      texts: {
        routes: `10.42.8.0/24 via 10.42.8.0 dev flannel.1 onlink\n10.42.9.0/24 via 10.42.9.0 dev flannel.1 onlink\n172.30.0.0/24 via 172.30.0.0 dev flannel.1 onlink\n${gateways}`,
        tunnels,
      },
    },
    /the guard does not allow: 192\.0\.2\.18\./,
    /fw_extra_members/,
  ],
  [
    'the host speaks from another address',
    'source-addresses',
    { texts: { routes: '192.0.2.0/24 dev ens18 src 192.0.2.50' } },
    /other hosts do not allow: 192\.0\.2\.50\./,
    /fw_addresses of node1 to all of its addresses: \[192\.0\.2\.11, 192\.0\.2\.50\]/,
  ],
  [
    'the set is of another type',
    'set-name',
    { state: hostState(forward(), 'create cluster_nodes hash:net family inet') },
    /hash:net/,
    /fw_set/,
  ],
  [
    'there is no place',
    'position',
    { state: hostState(forward().toSpliced(1, 1), exactSet) },
    /the rule of fw-run would stop "reply from outsider/,
    /fw_published: allow/,
  ],
]

describe('preflight', () => {
  it('finds nothing wrong with a sound host', () => {
    const about = subject()
    const all = [
      ...preliminaryFindings(about.facts, 'change', about.host.settings.guard),
      ...findings(about, 'change'),
    ]
    expect(all.filter(({ result }) => result.kind !== 'pass')).toEqual([])
    const opening = [...sessionFindings(undefined).map(({ id }) => id), 'facts', 'one-machine']
    const asked = new Set([...opening, ...all.map(({ id }) => id)])
    expect([...asked]).toEqual(Object.keys(checkList).filter((id) => asked.has(id as CheckId)))
    const nft = nftSubject()
    for (const { id } of [
      ...preliminaryFindings(nft.facts, 'change', 'nft'),
      ...findings(nft, 'change'),
    ])
      asked.add(id)
    const mangle = mangleSubject()
    const found = [
      ...preliminaryFindings(mangle.facts, 'change', 'mangle'),
      ...findings(mangle, 'change'),
    ]
    expect(found.filter(({ result }) => result.kind !== 'pass')).toEqual([])
    for (const { id } of found) asked.add(id)
    expect([...asked].sort()).toEqual(Object.keys(checkList).sort())
  })

  it('finds nothing wrong with a sound host that is to get a table', () => {
    const about = nftSubject()
    const all = [...preliminaryFindings(about.facts, 'change', 'nft'), ...findings(about, 'change')]
    expect(all.filter(({ result }) => result.kind !== 'pass')).toEqual([])
    const asked = all.map(({ id }) => id)
    expect(asked).toEqual(Object.keys(checkList).filter((id) => asked.includes(id as CheckId)))
  })

  it('fails for a host without a plan, also if no check that is asked names the reason', () => {
    const plan = {
      kind: 'refused',
      over: 'set',
      reason: 'it is taken',
      remedy: 'Free it.',
    } as const
    for (const purpose of ['change', 'audit', 'look'] as const) {
      expect(findings({ ...nftSubject(), plan }, purpose)).toContainEqual({
        id: 'set-name',
        result: { kind: 'fail', reason: 'it is taken', remedy: 'Free it.' },
      })
    }
  })

  it('does not ask a host that is to get a table for iptables, its backend or Calico', () => {
    const about = nftSubject({ texts: { 'iptables-version': 'iptables v1.8.9 (nf_tables)' } })
    const asked = [
      ...preliminaryFindings(about.facts, 'change', 'nft'),
      ...findings(about, 'change'),
    ]
    const ids = asked.map(({ id }) => id)
    for (const id of ['legacy-backend', 'calico', 'position', 'set-name'])
      expect(ids).not.toContain(id)
  })

  it.each(failures)('fails when %s', (_, id, spoiled, reason, remedy) => {
    expect(resultOf(id, subject(spoiled))).toEqual({
      kind: 'fail',
      reason: expect.stringMatching(reason),
      remedy: expect.stringMatching(remedy),
    })
  })

  it.each(failures)('advises to touch no rule of others when %s', (_, id, spoiled) => {
    const result = resultOf(id, subject(spoiled))
    const remedy = 'remedy' in result ? result.remedy : ''
    const ofOthers = remedy.replace(
      /If (rule \d+ of \S+ is your own|it has no rules), delete it[^.]*\./,
      '',
    )
    expect(ofOthers).not.toMatch(/\bflush|iptables\S* -[FXD]\b|take (it|that|them) out|delete it/)
  })

  it.each([
    ['Calico', '-A cali-FORWARD -d 10.42.0.0/16 -j ACCEPT'],
    [
      'kube-proxy',
      '-A FORWARD -d 10.42.0.0/16 -m comment --comment "kubernetes forwarding rules" -j ACCEPT',
    ],
    ['flannel', '-A FORWARD -d 10.42.0.0/16 -m comment --comment "flanneld forward" -j ACCEPT'],
    ['flannel', '-A FORWARD -d 10.42.0.0/16 -j ACCEPT'],
  ])('advises to leave a rule of %s as it is where that rule accepts outsiders', (owner, rule) => {
    const state = hostState([...forward().slice(0, 1), rule, ...forward().slice(1)], exactSet)
    const result = resultOf('position', subject({ state }))
    const remedy = 'remedy' in result ? result.remedy : ''
    expect(remedy).toMatch(new RegExp(`${owner} wrote rule .*Look at the settings of ${owner}`))
    expect(remedy).not.toContain('your own')
  })

  it('does not speak of a lock where iptables-nft, which takes none, ends with the same exit code', () => {
    const texts = {
      'iptables-version': 'iptables v1.8.9 (nf_tables)',
      fingerprint: { text: 'RULE_APPEND failed', code: 4 },
    }
    const result = resultOf('readable-rules', mangleSubject({ texts }))
    expect(result).toMatchObject({
      kind: 'fail',
      reason: expect.stringContaining('(exit code 4): RULE_APPEND failed'),
    })
    expect(JSON.stringify(result)).not.toMatch(/lock|fuser/)
  })

  it('refuses a host whose iptables and iptables-save have different backends', () => {
    const texts = { 'odd-backends': 'iptables\tiptables-save\n' }
    expect(resultOf('readable-rules', mangleSubject({ texts }))).toMatchObject({
      kind: 'fail',
      reason: expect.stringMatching(/^`iptables` and `iptables-save` .* different backends/),
      remedy: expect.stringContaining('`iptables -V` and `iptables-save -V`'),
    })
  })

  it('speaks of a CNI plugin without a name in whole sentences', () => {
    const rule = '-A FORWARD -d 10.42.0.0/16 -m comment --comment "CNI accept" -j ACCEPT'
    const state = hostState([...forward().slice(0, 1), rule, ...forward().slice(1)], exactSet)
    expect(resultOf('position', subject({ state }))).toMatchObject({
      remedy: expect.stringMatching(
        /(^|[.)] )A CNI plugin wrote rule .*Look at the settings of that plugin\. .*: that plugin would write/,
      ),
    })
  })

  it('warns of services whose restart puts saved rules in the place of ours', () => {
    const texts = { 'boot-obstacles': 'restorer iptables\nrestorer ip6tables\nrestorer ipset' }
    expect(resultOf('firewall-manager', subject({ texts }))).toEqual({
      kind: 'warn',
      reason:
        'iptables may delete the rule of fw-run, and rules of Kubernetes, at each start, restart or reload',
      remedy: expect.stringMatching(
        /`systemctl disable iptables`\. If you keep iptables, run `fw-run apply` after each start, restart or reload\.$/,
      ),
    })
    expect(resultOf('firewall-manager', mangleSubject({ texts }))).toMatchObject({
      kind: 'warn',
      reason: expect.stringContaining('iptables and ip6tables may delete the guard,'),
      remedy: expect.stringContaining('Or set fw_persist: true'),
    })
    const only6 = subject({ texts: { 'boot-obstacles': 'restorer ip6tables\nrestorer ipset' } })
    expect(resultOf('firewall-manager', only6).kind).toBe('pass')
    const kept = mangleSubject({ texts, intent: { persist: true } })
    expect(resultOf('firewall-manager', kept).kind).toBe('pass')
  })

  it('warns of a service that flushes nftables where the chain of fw-run lies there', () => {
    const texts = { flushing: 'nftables' }
    const native = { ...texts, 'iptables-version': 'iptables v1.8.9 (nf_tables)' }
    expect(resultOf('firewall-manager', mangleSubject({ texts: native }))).toMatchObject({
      kind: 'warn',
      remedy: expect.stringContaining('`systemctl disable nftables`'),
    })
    expect(resultOf('firewall-manager', mangleSubject({ texts })).kind).toBe('pass')
  })

  it('says that firewalld takes the guard of the boot files away at boot, and ufw does not', () => {
    const found = (firewalls: string, persist: boolean) =>
      resultOf('firewall-manager', mangleSubject({ texts: { firewalls }, intent: { persist } }))
    const afterBoot = 'also after each boot of the host.'
    expect(found('firewalld', true)).toMatchObject({
      kind: 'warn',
      reason: expect.stringMatching(/At boot, .*: the host is then not protected$/),
      remedy: expect.stringContaining(afterBoot),
    })
    for (const other of [found('firewalld', false), found('ufw', true)]) {
      expect(other).toMatchObject({ kind: 'warn' })
      expect(JSON.stringify(other)).not.toMatch(/[Aa]t boot|each boot/)
    }
  })

  it('warns of other firewall managers, and of ports that were given up', () => {
    expect(
      resultOf('firewall-manager', subject({ texts: { firewalls: 'firewalld' } })),
    ).toMatchObject({
      kind: 'warn',
      reason: expect.stringContaining('firewalld'),
      remedy: expect.stringContaining('in a maintenance window'),
    })
    const cut = {
      state: hostState(forward(), exactSet, published),
      intent: { published: 'block' },
    } as const
    expect(resultOf('published-ports', subject(cut))).toMatchObject({
      kind: 'warn',
      reason: expect.stringContaining('8443/tcp'),
    })
  })

  it.each([
    [
      'a published port that is exempt',
      'published-ports',
      { state: hostState(forward(), exactSet, published), intent: { published: 'allow' } },
    ],
    [
      'no conntrack where it is not needed',
      'kernel-support',
      { texts: { support: 'match conntrack' } },
    ],
    [
      'no target REJECT where the rule drops',
      'kernel-support',
      { texts: { support: 'target REJECT' }, intent: { action: 'DROP' } },
    ],
    [
      'other rules that are not of the cluster',
      'one-backend',
      { texts: { 'other-rules': '*filter\n:DOCKER - [0:0]\nCOMMIT' } },
    ],
    [
      'a gateway that leads elsewhere',
      'known-nodes',
      { texts: { routes: 'default via 192.0.2.1 dev ens18\n10.0.0.0/8 via 192.0.2.2 dev ens18' } },
    ],
    [
      'the router of everybody that leads to pods, too',
      'known-nodes',
      {
        texts: {
          routes: '10.42.7.0/24 via 192.0.2.1 dev ens18\ndefault via 192.0.2.1 dev ens18',
        },
      },
    ],
    [
      'a router to other subnets of nodes that leads to pods, too',
      'known-nodes',
      {
        texts: {
          routes:
            '10.42.7.0/24 via 192.0.2.1 dev ens18\n198.51.100.0/24 via 192.0.2.1 dev ens18\n198.51.100.128/25 via 192.0.2.99 dev ens18',
        },
        intent: { members: ['192.0.2.11', '192.0.2.12', '198.51.100.13'] },
      },
    ],
    ['space that could not be read', 'run-space', { texts: { room: '' } }],
    [
      'just enough space',
      'run-space',
      { texts: { room: 'Filesystem 1024-blocks Used Available\ntmpfs 1000 936 64 94% /run' } },
    ],
  ] as const)('passes %s', (_, id, spoiled) => {
    expect(resultOf(id, subject(spoiled)).kind).toBe('pass')
  })

  it('says of both backends in use that a packet passes both', () => {
    const both = subject({
      state: hostState([...forward(), '-A cali-FORWARD -j MARK --set-xmark 0x0/0x1']),
      texts: { 'other-rules': '*filter\n:cali-FORWARD - [0:0]\n-A cali-FORWARD -j RETURN\nCOMMIT' },
    })
    expect(resultOf('one-backend', both)).toMatchObject({
      kind: 'fail',
      reason: expect.stringContaining('both backends'),
    })
  })

  it('does not advise about positions where the rules of Calico are missing', () => {
    const flushed = subject({
      state: hostState(['-A FORWARD -d 10.42.0.0/16 -j ACCEPT'], exactSet),
    })
    expect(resultOf('calico', flushed)).toMatchObject({ kind: 'fail' })
    expect(flushed.plan.kind).toBe('refused')
    expect(resultOf('position', flushed)).toMatchObject({ kind: 'unjudged' })
  })

  it('names another firewall manager in status, too, because it may be the cause', () => {
    const about = subject({ texts: { firewalls: 'firewalld' } })
    const ids = findings(about, 'look').filter(({ result }) => result.kind === 'warn')
    expect(ids.map(({ id }) => id)).toContain('firewall-manager')
  })

  it('asks only what matters to take the rule off: nobody else can delete it then', () => {
    const about = subject({
      texts: { firewalls: 'firewalld', 'boot-obstacles': 'restorer iptables' },
      intent: { kind: 'remove', set: 'cluster_nodes' },
      state: hostState([guard], exactSet),
    })
    const ids = findings(about, 'change').map(({ id }) => id)
    expect(ids).toEqual([
      'run-directory',
      'run-space',
      'unfinished-change',
      'own-rules',
      'own-table',
      'own-chain',
      'boot-files',
    ])
  })

  it('warns of a change that an earlier run left half way, and says which command finishes it', () => {
    const left = subject({ texts: { unfinished: 'r1\tann@jump' } })
    expect(resultOf('unfinished-change', left)).toEqual({
      kind: 'warn',
      reason: expect.stringContaining('run r1 by ann@jump'),
      remedy: expect.stringContaining('fw-run recover'),
    })
  })

  it('marks a warning that the inventory accepts, and never a failure', () => {
    const about = subject({ texts: { firewalls: 'ufw', support: 'match set' } })
    const settings = { ...about.host.settings, accept: ['firewall-manager', 'kernel-support'] }
    const found = findings({ ...about, host: { ...about.host, settings } }, 'change')
    expect(found.filter(({ accepted }) => accepted).map(({ id }) => id)).toEqual([
      'firewall-manager',
    ])
    expect(found.find(({ id }) => id === 'kernel-support')?.result.kind).toBe('fail')
  })

  it('does not mind another run when it only looks', () => {
    const facts = factsWith({ lock: 'r\tann' })
    const failed = (purpose: 'change' | 'look') =>
      preliminaryFindings(facts, purpose, 'forward').some(({ result }) => result.kind === 'fail')
    expect([failed('change'), failed('look')]).toEqual([true, false])
  })
})

describe('sessionFindings', () => {
  it('passes every stage that was reached and ends at the one that was not', () => {
    const fault = {
      stage: 'login',
      reason: 'The host refuses the login.',
      remedy: 'Use -k.',
    } as const
    expect(sessionFindings(fault)).toEqual([
      { id: 'connection', result: { kind: 'pass' } },
      { id: 'host-key', result: { kind: 'pass' } },
      {
        id: 'login',
        result: { kind: 'fail', reason: fault.reason, remedy: fault.remedy },
        unreachable: true,
      },
    ])
    expect(sessionFindings(undefined).map(({ result }) => result.kind)).toEqual(
      Array(4).fill('pass'),
    )
  })
})
