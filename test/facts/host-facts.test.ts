import { describe, expect, it } from 'vitest'
import { podNetworks } from '../../src/facts/pod-networks.ts'
import { readRoutes } from '../../src/facts/routes.ts'
import { readFreeSpace } from '../../src/facts/sections/free-space.ts'
import { readTools } from '../../src/facts/sections/tools.ts'
import { readState } from '../../src/facts/state.ts'
import { parseSets } from '../../src/ipset/sets.ts'
import { parseRuleset, rulesOf } from '../../src/iptables/ruleset.ts'
import { maxPools } from '../../src/limits.ts'
import { answerOf } from './answer-of.ts'
import { factsOf } from './facts-of.ts'
import { readValue } from './read-value.ts'

const read = {
  rules: '*filter\n:FORWARD DROP [0:0]\n[5:300] -A FORWARD -j ACCEPT\nCOMMIT',
  sets: 'create s hash:ip family inet\nadd s 192.0.2.1',
  table: '',
  fingerprint: '2883419233 120',
}

describe('readFacts', () => {
  it('reads who and what a host is', () => {
    const facts = factsOf(
      answerOf({
        ...read,
        firewalls: 'firewalld\nufw',
        lock: 'r\tann@jump\n',
        unfinished: 'r\tann@jump\n',
        note: 'rolled-back\tr\t2026-11-23T04:15:00Z\tunheard\t30\n',
        flannel: 'FLANNEL_NETWORK=10.42.0.0/16\nFLANNEL_SUBNET=10.42.1.1/24',
        'other-rules': '*filter\n:KUBE-FORWARD - [0:0]\nCOMMIT',
      }),
    )
    expect(facts.firewalls).toEqual(['firewalld', 'ufw'])
    expect(facts.lockHolder).toEqual({ run: 'r', who: 'ann@jump' })
    expect(facts.unfinished).toEqual({ run: 'r', who: 'ann@jump' })
    expect(facts.note).toMatchObject({ kind: 'rolled-back', run: 'r' })
    expect(facts.flannelNetwork).toBe('10.42.0.0/16')
    expect(readValue(facts.otherRuleset).tables.get('filter')?.has('KUBE-FORWARD')).toBe(true)
  })

  it('reads a host that told nothing as one that cannot be read, not as an empty one', () => {
    const facts = factsOf(answerOf({}))
    expect(facts.state).toMatchObject({ reason: 'iptables-save gave no answer' })
    expect(facts.network).toMatchObject({ kind: 'unreadable' })
    expect(facts.otherRuleset).toMatchObject({ kind: 'unreadable' })
    expect(facts.tools.backend).toBe('unknown')
    expect(facts.freeKilobytes).toBeUndefined()
    expect(facts.unfinished).toBeUndefined()
    expect(facts.note).toBeUndefined()
  })
})

describe('readFacts of what could not be read', () => {
  const network = { links: '1: lo: <LOOPBACK,UP>', addresses: '', routes: '' }
  const failed = { text: 'Cannot open netlink socket: Permission denied\n', code: 1 }

  it.each([
    ['links', failed, /^ip -4 addr; ip -4 route; ip link failed \(exit code 1\): .*netlink socket/],
    ['addresses', failed, /ip -4 addr; .* failed/],
    ['routes', failed, /ip -4 route; .* failed/],
    ['links', '', /ip link` shows no interface$/],
  ])('never takes %s for empty', (name, answer, reason) => {
    expect(factsOf(answerOf(network)).network.kind).toBe('read')
    expect(factsOf(answerOf({ ...network, [name]: answer })).network).toMatchObject({
      kind: 'unreadable',
      reason: expect.stringMatching(reason),
    })
  })

  it.each([
    [{ text: 'Could not fetch rule set generation id: Permission denied', code: 4 }, /Permission/],
    ["# Table `nat' is incompatible, use 'nft' tool.\n", /cannot show the table nat, which `nft`/],
    [
      '*nat\n:PREROUTING ACCEPT [0:0]\n',
      /does not understand the output of `iptables-nft-save`, table nat has no end/,
    ],
  ])('never takes other rules for none: %j', (answer, reason) => {
    expect(factsOf(answerOf({ 'other-rules': answer })).otherRuleset).toMatchObject({
      kind: 'unreadable',
      reason: expect.stringMatching(reason),
    })
  })

  it.each([
    [
      'iptables-nft-save v1.8.2 (nf_tables): Could not fetch rule set generation id: Invalid argument',
    ],
    ['iptables-nft-save/v1.8.9 Failed to initialize nft: Protocol not supported'],
  ])('knows that a kernel without nf_tables has no rules there: %s', (text) => {
    const { otherRuleset } = factsOf(answerOf({ 'other-rules': { text, code: 1 } }))
    expect(readValue(otherRuleset).tables.size).toBe(0)
  })
})

describe('readState', () => {
  it('reads rules, sets and fingerprint', () => {
    const state = readState(answerOf(read))
    expect(state).toMatchObject({ kind: 'read', value: { fingerprint: '2883419233 120' } })
  })

  it.each([
    [
      'rules',
      'iptables-save failed (exit code 4): Another app is currently holding the xtables lock.',
    ],
    ['sets', 'ipset save failed (exit code 4): Another app is currently holding the xtables lock.'],
    [
      'fingerprint',
      'iptables -S FORWARD failed (exit code 4): Another app is currently holding the xtables lock.',
    ],
  ])('is unreadable when %s could not be read, with what was said', (name, reason) => {
    const failed = { text: 'Another app is currently holding the xtables lock.\n', code: 4 }
    const [command] = reason.split(' failed')
    expect(readState(answerOf({ ...read, [name]: failed }))).toEqual({
      kind: 'unreadable',
      reason,
      remedy: expect.stringContaining(`Run \`${command}\` on that host as root`),
    })
  })

  it.each([
    ['table', 'nft list table inet fw_run'],
    ['mangle', 'iptables -t mangle -S FW-RUN'],
    // The agent tells a fault of either family in both.
    ['mangle', 'ip6tables-save -t mangle'],
    ['boot', 'head /etc/systemd/system/fw-run-guard.service'],
  ])('names the command for %s that the host says has failed, not another', (name, command) => {
    const reason = `${command} failed with exit code 1: no memory`
    const failed = { text: `${reason}\n`, code: 1 }
    expect(readState(answerOf({ ...read, [name]: failed, fingerprint: failed }))).toEqual({
      kind: 'unreadable',
      reason,
      remedy: expect.stringContaining(`Run \`${command}\` on that host as root`),
    })
  })

  it('names the table that cannot be read before the fingerprint, which cannot be taken then', () => {
    const failed = { text: 'no memory\n', code: 1 }
    expect(readState(answerOf({ ...read, table: failed, fingerprint: failed }))).toMatchObject({
      reason: 'nft list table inet fw_run failed (exit code 1): no memory',
    })
  })
})

describe('readState of texts that fw-run does not understand', () => {
  const chain = '*filter\n:FORWARD DROP [0:0]\n'
  it.each([
    [
      { rules: `${chain}-A FORWARD -m recent --name x\n-A FORWARD -j DROP --rsource\nCOMMIT` },
      'fw-run does not understand the output of `iptables-save`, line 4 (table filter, rule 2 of FORWARD): there is text after the target DROP',
    ],
    [
      { rules: chain },
      'fw-run does not understand the output of `iptables-save`, table filter has no end',
    ],
    [
      { sets: 'create x\nadd s 192.0.2.9 hash:ip family inet' },
      'fw-run does not understand the output of `ipset save`, line 1: this set has no type',
    ],
  ])('is unreadable, with the line and a remedy: %j', (odd, reason) => {
    const state = readState(answerOf({ ...read, ...odd }))
    expect(state).toMatchObject({ kind: 'unreadable', reason })
    expect(state.kind === 'unreadable' && state.remedy).toMatch(
      /^Run `i.*a name in that line.* report that line/,
    )
  })

  it('reads a comment that looks like the rule of fw-run as a comment', () => {
    const rules = `${chain}-A FORWARD -m comment --comment "x\n-A FORWARD -j REJECT" -j ACCEPT\nCOMMIT`
    const state = readState(answerOf({ ...read, rules }))
    expect(state.kind === 'read' && rulesOf(state.value.ruleset, 'filter', 'FORWARD')).toHaveLength(
      1,
    )
  })
})

describe('readTools', () => {
  it.each([
    ['iptables v1.4.21', 'legacy'],
    ['iptables v1.6.1', 'legacy'],
    ['iptables v1.8.9 (legacy)', 'legacy'],
    ['iptables v1.8.9 (nf_tables)', 'nf_tables'],
    ['sh: iptables: not found', 'unknown'],
    ['', 'unknown'],
  ])('reads the backend of %j: %s', (version, backend) => {
    expect(readTools(answerOf({ 'iptables-version': version })).backend).toBe(backend)
  })

  it('lists what is missing', () => {
    const tools = readTools(answerOf({ tools: 'ipset\nsetsid', support: 'match set' }))
    expect(tools).toMatchObject({ missing: ['ipset', 'setsid'], unsupported: ['match set'] })
  })
})

describe('readFreeSpace', () => {
  it.each([
    [
      'Filesystem     1024-blocks  Used Available Capacity Mounted on\ntmpfs              1609364  1234   1608130       1% /run',
      1608130,
    ],
    ['Filesystem 1024-blocks Used Available Capacity Mounted on\ntmpfs 0 0 0 - /run', 0],
    ['df: /run: No such file or directory', undefined],
    ['', undefined],
  ])('reads df -P: %j', (room, free) => {
    expect(readFreeSpace(answerOf({ room }), 0)).toBe(free)
  })

  it('tells places apart', () => {
    const room =
      'Filesystem 1024-blocks Used Available Capacity Mounted on\ntmpfs 9 2 7 1% /run\n/dev/vda1 9 1 8 1% /'
    expect([0, 1, 2].map((at) => readFreeSpace(answerOf({ room }), at))).toEqual([7, 8, undefined])
  })
})

const podRoutes = readRoutes(answerOf({ routes: '10.42.1.10 dev cali0123456789a scope link' }))
const vpnRoutes = readRoutes(
  answerOf({ routes: '10.8.0.0/24 via 10.8.0.2 dev tun0\n10.8.0.2 dev tun0 scope link' }),
)
const inVpn = readRoutes(answerOf({ routes: '10.8.0.64/26 dev cni0 scope link' }))

describe('podNetworks', () => {
  const stateWith = (rules: string, sets = '') => ({
    ruleset: parseRuleset(`*filter\n:FORWARD DROP [0:0]\n:FLANNEL-FWD - [0:0]\n${rules}\nCOMMIT`),
    sets: parseSets(sets),
    fingerprint: '',
  })

  it('takes them from flannel, from pools of Calico and from what flannel accepts, each once', () => {
    const state = stateWith(
      '-A FORWARD -s 10.42.0.0/16 -j ACCEPT\n-A FORWARD -d 10.42.0.0/16 -j ACCEPT\n-A FORWARD -j FLANNEL-FWD\n-A FLANNEL-FWD -s 10.44.0.0/16 -m comment --comment "flanneld forward" -j ACCEPT\n-A FLANNEL-FWD -d 10.44.0.0/16 -m comment --comment "flanneld forward" -j ACCEPT',
      'create cali40all-ipam-pools hash:net family inet\nadd cali40all-ipam-pools 10.43.0.0/16\nadd cali40all-ipam-pools 10.42.0.0/16',
    )
    const routes = readRoutes(answerOf({ routes: '10.43.1.10 dev cali1 scope link' }))
    expect(podNetworks(state, '10.42.0.0/16', routes)).toEqual([
      '10.42.0.0/16',
      '10.43.0.0/16',
      '10.44.0.0/16',
    ])
  })

  const none = '-A FORWARD -j DROP'
  const setOf = (name: string, ...pools: readonly string[]) =>
    [`create ${name} hash:net family inet`, ...pools.map((pool) => `add ${name} ${pool}`)].join(
      '\n',
    )
  const two = setOf('cali40all-ipam-pools', '10.42.0.0/16', '10.20.40.0/24')
  const toPods = '10.42.1.10 dev cali1 scope link'

  it.each([
    ['leads to a pod', '10.20.40.7 dev cali2 scope link'],
    ['leads to pods by a tunnel', '10.20.40.64/26 via 10.20.40.64 dev vxlan.calico onlink'],
    ['is of BIRD', '10.20.40.64/26 via 192.0.2.12 dev ens18 proto bird'],
    [
      'is of BIRD, as old versions of ip call it',
      '10.20.40.64/26 via 192.0.2.1 dev ens18 proto 12',
    ],
    ['is of Felix, for a block of this host', 'blackhole 10.20.40.64/26 proto 80'],
  ])('takes a pool for one of pods if a route in it %s', (_, route) => {
    const routes = readRoutes(answerOf({ routes: `${toPods}\n${route}` }))
    expect(podNetworks(stateWith(none, two), undefined, routes)).toEqual([
      '10.42.0.0/16',
      '10.20.40.0/24',
    ])
  })

  it.each([
    ['no route is in it', ''],
    ['the network of the nodes is in it', '10.20.40.0/25 dev ens18 proto kernel src 10.20.40.11'],
    ['the administrator routes it elsewhere', '10.20.40.0/24 via 192.0.2.1 dev ens18 proto static'],
    ['the administrator throws it away', 'blackhole 10.20.40.0/24'],
  ])('takes no pool for one of pods where others are if %s', (_, route) => {
    const routes = readRoutes(answerOf({ routes: `${toPods}\n${route}` }))
    expect(podNetworks(stateWith(none, two), undefined, routes)).toEqual(['10.42.0.0/16'])
  })

  it('takes the only pool without a route, but not beside another pod network, and none of several', () => {
    const one = stateWith(none, setOf('cali40all-ipam-pools', '10.20.40.0/24'))
    expect(podNetworks(one, undefined, [])).toEqual(['10.20.40.0/24'])
    expect(podNetworks(one, '10.42.0.0/16', [])).toEqual(['10.42.0.0/16'])
    expect(podNetworks(stateWith(none, two), undefined, [])).toEqual([])
  })

  it('takes no more pools than a cluster can have, because each is compared with all routes', () => {
    const pools = Array.from({ length: 2 * maxPools }, (_, n) => `10.${n >> 8}.${n & 255}.0/24`)
    const newer = stateWith(none, setOf('cali40network-ip-pools', ...pools))
    expect(podNetworks(newer, undefined, [])).toEqual(pools.slice(0, maxPools))
  })

  it('believes the set from which newer versions of Calico leave out pools of load balancers', () => {
    const pools = ['10.42.0.0/16', '10.50.0.0/16']
    const newer = stateWith(none, `${two}\n${setOf('cali40network-ip-pools', ...pools)}`)
    expect(podNetworks(newer, undefined, [])).toEqual(pools)
  })

  it.each([
    '10.50.0.0/24 dev ens18 proto kernel src 10.50.0.11',
    '10.50.0.0/17 via 192.0.2.1 dev ens18 proto static',
  ])('takes no disabled pool there for one of pods where %s leads to others', (route) => {
    const routes = readRoutes(answerOf({ routes: `${toPods}\n${route}` }))
    const newer = stateWith(none, setOf('cali40network-ip-pools', '10.42.0.0/16', '10.50.0.0/16'))
    expect(podNetworks(newer, undefined, routes)).toEqual(['10.42.0.0/16'])
  })

  it('keeps a pool that the guard closes, also where nft joined it with its neighbour', () => {
    const routes = readRoutes(answerOf({ routes: toPods }))
    const pools = ['10.42.0.0/16', '10.43.0.0/16', '10.50.0.0/16']
    const state = stateWith(none, setOf('cali40all-ipam-pools', ...pools))
    expect(podNetworks(state, undefined, routes, ['10.42.0.0/15'])).toEqual(pools.slice(0, 2))
    expect(podNetworks(state, undefined, routes, ['10.50.0.0/17'])).toEqual(pools.slice(0, 1))
  })

  it.each([
    ['a single address', '-A FORWARD -d 168.63.129.16/32 -j ACCEPT'],
    ['what is accepted on a condition', '-A FORWARD -d 10.42.0.0/16 -i cni0 -j ACCEPT'],
    ['what is dropped', '-A FORWARD -d 10.42.0.0/16 -j DROP'],
    ['everything but a network', '-A FORWARD ! -d 10.42.0.0/16 -j ACCEPT'],
  ])('does not take %s for a pod network', (_, rule) => {
    expect(podNetworks(stateWith(rule), undefined, podRoutes)).toEqual([])
  })

  const both = '-A FORWARD -s 10.8.0.0/24 -j ACCEPT\n-A FORWARD -d 10.8.0.0/24 -j ACCEPT'
  it.each([
    ['of a VPN that is down', '-A FORWARD -d 10.8.0.0/24 -j ACCEPT', podRoutes],
    ['that an interface of a VPN has for its own', both, vpnRoutes],
    [
      'of a chain of flannel that nothing leads to',
      both.replaceAll('-A FORWARD', '-A FLANNEL-FWD'),
      podRoutes,
    ],
    ['that is accepted from others only', '-A FORWARD -s 10.42.0.0/16 -j ACCEPT', podRoutes],
  ])('does not take a network %s for one of pods', (_, rules, routes) => {
    expect(podNetworks(stateWith(rules), undefined, routes)).toEqual([])
  })

  it.each([
    ['both ways', both, []],
    ['one way, where a route in it leads to pods', '-A FORWARD -d 10.8.0.0/24 -j ACCEPT', inVpn],
  ])('takes a network for one of pods that is accepted %s', (_, rules, routes) => {
    expect(podNetworks(stateWith(rules), undefined, routes)).toEqual(['10.8.0.0/24'])
  })
})
