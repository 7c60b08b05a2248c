import { isIPv6 } from 'node:net'
import { describe, expect, it } from 'vitest'
import { describeHolder } from '../../src/agent/holder.ts'
import { describeNote } from '../../src/agent/host-note.ts'
import { readInterfaces } from '../../src/facts/interfaces.ts'
import { sourcesTowards } from '../../src/facts/peers.ts'
import { podNetworks } from '../../src/facts/pod-networks.ts'
import { readRoutes, routesTowards } from '../../src/facts/routes.ts'
import { walk } from '../../src/flow/walk.ts'
import type { World } from '../../src/flow/world.ts'
import { countersOf, sourcesOf, tableText } from '../../src/guard/nft-table.ts'
import { uncovered } from '../../src/ip/dual-ranges.ts'
import { parseSets } from '../../src/ipset/sets.ts'
import { parseRuleset } from '../../src/iptables/ruleset.ts'
import { maxWalkSteps } from '../../src/limits.ts'
import { doesSame } from '../../src/nft/printed-table.ts'
import { outsider, worldOf } from '../flow/asked.ts'
import { nftIntent, printed } from '../guard/nft-intent.ts'
import { oddTexts } from '../odd-texts.ts'
import { answerOf } from './answer-of.ts'
import { factsOf } from './facts-of.ts'
import { readValue } from './read-value.ts'

/** What a usual host answers, by section, and words that mean something there. */
const usual: Readonly<Record<string, readonly [text: string, words: readonly string[]]>> = {
  links: [
    '1: lo: <LOOPBACK,UP> mtu 65536\n2: ens18: <BROADCAST,UP> mtu 1500 master br0\n3: cali1@if4: <UP>',
    ['@', '@a:', ' master ', '<', '1: a: <UP>\n'],
  ],
  addresses: [
    '1: lo    inet 127.0.0.1/8 scope host lo\n2: ens18    inet 192.0.2.11/24 brd 192.0.2.255',
    [' inet ', '1.', '2: ens18 inet 192.0.2.1/24\n'],
  ],
  routes: [
    'default via 192.0.2.1 dev ens18\n10.42.2.0/24 proto bird \n\tnexthop via 192.0.2.12 dev ens18 weight 1 \n\tnexthop via 192.0.2.13 dev ens18 weight 1\n10.42.1.10 dev cali1 scope link',
    ['\n\tnexthop ', ' nexthop ', ' via ', '\n\t', '10.42.2.0/24 dev cali1\n'],
  ],
  flannel: ['FLANNEL_NETWORK=10.42.0.0/16\nFLANNEL_MTU=1450', ['FLANNEL_NETWORK=']],
  room: ['Filesystem 1024-blocks Used Available Capacity Mounted on\ntmpfs 1 1 1 1% /run', ['% ']],
  'iptables-version': ['iptables v1.8.9 (legacy)', ['1.', ' (']],
  'other-rules': [
    '*nat\n:A - [0:0]\n-A A -j RETURN\nCOMMIT\n',
    ['*nat\n', 'COMMIT\n', '# Table `nat'],
  ],
  rules: [
    '*filter\n:FORWARD DROP [1:2]\n:A - [0:0]\n[1:2] -A FORWARD -i ens18 -m set ! --match-set s src -m comment --comment "a \\"b\\" c" -j A\n-A A -p tcp -m multiport --dports 80,443 -m conntrack --ctstate NEW -j ACCEPT\n-A FORWARD -d 10.42.0.0/16 -j ACCEPT\n-A FORWARD -s 10.42.0.0/16 -j ACCEPT\nCOMMIT\n',
    [
      '-A FORWARD -d 10.42.0.0/16 -j ACCEPT\n',
      '-A FORWARD -m limit --limit 1/sec -j A\n',
      '-A A -j A\n',
      ' -m comment --comment "',
      ' -m comment --comment "\\" ',
      ' ! ',
      ' -m ',
      ' -j A',
      '80,',
      'NEW,',
      '*filter\n',
      ':A - [0:0]\n',
      '[1:2] ',
      'COMMIT\n',
    ],
  ],
  sets: [
    'create s hash:net family inet hashsize 1024 comment\nadd s 10.42.0.0/16\nadd s 192.0.2.7 comment "a b"\ncreate l list:set size 8\nadd l s\n',
    ['add s 10.42.0.0/16\n', 'add l s\n', ' comment "', 'create s hash:net\n', '1,', ' nomatch'],
  ],
  table: [
    printed,
    [
      'chain a {\n',
      '}\n',
      '{ ',
      ' }',
      'ip saddr { ',
      'ip6 daddr != ',
      'fd42::/56, ',
      '192.0.2.1-192.0.2.9, ',
      'ct state { new, ',
      'counter packets 1 bytes 1 ',
      '; ',
    ],
  ],
  ipv6: [
    `fd000064000000000000000000000011 02 40 00 80    ens18\nfd420000000000020000000000000000 40 ${'0'.repeat(32)} 00 fd000064000000000000000000000012 00000400 00000001 00000000 00000003    ens18\nprefers ens18`,
    ['prefers ', ' 01    ens18\n', 'fd00', ' 40', ' 80    ens18\n'],
  ],
  'nft-support': ['prerouting reject\nforward reject', ['forward reject\n']],
  'service-range': ['"10.43.0.0/16,fd43::/112"', ["'", '10.43.0.0/16,', 'fd43::', '::']],
  'native-services': [
    'elements = { 10.43.0.1 }\nip daddr { 10.43.0.0/16 } drop',
    ['elements = {', ' }', ', ', 'ip daddr ', ' drop', '10.43.'],
  ],
  'translating-tables': [
    'table inet a {\n\tmap b {\n\t\telements = { 80 : 10.42.1.10 }\n\t}\n\tchain b {\n\t\tdnat ip to tcp dport map @b\n\t}\n}\nonly ip c',
    ['table ip a {', '\tmap b {\n', 'elements = {', ' dnat to ', ' map @', 'only ', '"'],
  ],
  'source-filters': ['all 0\nens18 1\n', ['all ', 'ens18 ', ' 2', '9']],
  'source-routes': ['ens18\nens19', ['all\n', '\n']],
  'flow-table': ['1', ['x']],
  'bpf-maps': ['/sys/fs/bpf/tc/globals/cali_v4_ct3', ['/', '\n']],
  flushing: ['nftables', ['nftables\n']],
  lock: [
    '20261123-100400-3f9a\tann@jump, fw-run apply, since 2026-11-23T10:04:05.678Z',
    ['r1\t', ', fw-run apply', ', since ', '2026-', 'T10:04:'],
  ],
  note: [
    'not-rolled-back\tr1\t2026-11-23T04:15:00Z\tanother run holds this host: run r2 by ann@jump, fw-run apply, since 2026-11-23T10:04:05.678Z',
    ['rolled-back\t', 'unheard\t', '9', 'another run holds this host: run ', ' by ', '\t'],
  ],
  'untrusted-room': [
    'untrusted-room\tdrwxrwxrwx\t1000',
    ['untrusted-room\t', 'forged-rules\t', 'l'],
  ],
}

const sections = {
  ...Object.fromEntries(Object.entries(usual).map(([name, [text]]) => [name, text])),
}
const host = { ...sections, fingerprint: '1 2' }

describe('readFacts', () => {
  it.each(Object.keys(usual))(
    'ends with every odd text of %s, and what it reads can be used',
    (name) => {
      const [text = '', words = []] = usual[name] ?? []
      for (const odd of oddTexts(text, words, 41)) {
        const answer = answerOf({ ...host, [name]: odd })
        const { flannelNetwork, lockHolder, note, ipv6, state } = factsOf(answer)
        if (lockHolder) describeHolder(lockHolder)
        if (note) describeNote(note)
        for (const { address } of ipv6.addresses) expect(isIPv6(address)).toBe(true)
        if (state.kind === 'read' && state.value.table) {
          const { table } = state.value
          doesSame(table, tableText(nftIntent, countersOf(table)))
          uncovered(sourcesOf(table.text), nftIntent.members)
        }
        // Also what is refused because it is not sure: it must be read to its end.
        const routes = readRoutes(answer)
        const interfaces = readInterfaces(answer)
        routesTowards('10.42.1.10', routes)
        const all = ['192.0.2.12', '10.42.2.1', 'fe80::1']
        sourcesTowards({ all, own: '192.0.2.11' }, routes, interfaces)
        const ruleset = parseRuleset(name === 'rules' ? odd : (sections.rules ?? ''))
        const sets = parseSets(name === 'sets' ? odd : (sections.sets ?? ''))
        podNetworks({ ruleset, sets, fingerprint: '' }, flannelNetwork, routes)
        // A walk asks for nothing else.
        if (name !== 'rules' && name !== 'sets') continue
        const steps = { left: 3 * maxWalkSteps }
        const world: World = { ...worldOf('', { steps }), sets }
        for (const packet of [outsider(), outsider({ source: undefined, in: undefined })]) {
          const { verdicts, complete } = walk(ruleset, 'filter', 'FORWARD', packet, world)
          expect(verdicts.length).toBeGreaterThan(0)
          expect(complete || verdicts.some(({ verdict }) => verdict.kind === 'unknown')).toBe(true)
        }
        // One step more than allowed is taken: that is how the end is noticed.
        expect(steps.left).toBeGreaterThan(0)
      }
    },
    120_000,
  )

  it('takes only addresses for ClusterIPs, whatever else the last line holds', () => {
    const rules = (line: string) => `*nat\n:A - [0:0]\nCOMMIT\n${line}\n`
    const read = (line: string) =>
      readValue(factsOf(answerOf({ ...host, rules: rules(line) })).state).leftOut
    expect(read('# ClusterIPs 10.43.0.1 10.043.0.1 x fd43:0::1')).toEqual(['10.43.0.1'])
    const block = ['10.43.0.1', '10.43.0.255', '10.43.0.7']
    expect(read('# ClusterIPs 10.43.0.1,256,255,x,,07,7 10.43.1')).toEqual(block)
    expect(read('# ClusterIPs')).toEqual([])
    expect(read('# Completed 10.43.0.1')).toEqual([])
    // In a time that grew with the square of its length, this line alone would take the test's whole time.
    expect(read(`# ClusterIPs${' '.repeat(1_000_000)}x`)).toEqual([])
    expect(read(`# ClusterIPs ${'7'.repeat(3_000_000)}`)).toEqual([])
    expect(read(`# ClusterIPs ${'1.'.repeat(500_000)}${'7,'.repeat(500_000)}`)).toEqual([])
    expect(read(`# ClusterIPs ${'10.43.0.1 '.repeat(1_000_000)}`)?.length).toBe(100_000)
  })

  it('never takes rules that were cut for whole ones', () => {
    const text = (sections.rules ?? '').trimEnd()
    for (let end = 0; end < text.length; end++) {
      const { state } = factsOf(answerOf({ ...host, rules: text.slice(0, end) }))
      const chains = state.kind === 'read' ? state.value.ruleset.tables.size : 0
      expect([end, chains]).toEqual([end, 0])
    }
  })
})
