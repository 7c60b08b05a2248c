import { describe, expect, it } from 'vitest'
import { routesTowards } from '../../src/facts/routes.ts'
import type { Packet } from '../../src/flow/packet.ts'
import { guardRule } from '../../src/guard/forward-rule.ts'
import type { ForwardIntent } from '../../src/guard/intent.ts'
import { parseSets } from '../../src/ipset/sets.ts'
import { parseRuleset } from '../../src/iptables/ruleset.ts'
import { conflicts } from '../../src/placement/conflicts/conflicts.ts'
import { atForward, type Flow, fresh, requests } from '../../src/placement/flows/flow.ts'
import { hostModelOf } from '../../src/placement/host/host-model.ts'
import { findPosition } from '../../src/placement/placement.ts'
import { intent } from '../plan/host-state.ts'
import { makeRandom, type Random } from '../random.ts'
import { rounds } from '../rounds.ts'
import { barePod, hostWithBarePods, type RandomHost } from './bare-pods.ts'

const sets = parseSets(`create nets hash:net family inet
add nets 192.0.2.64/26
add nets 192.0.2.80/28 nomatch
add nets 192.0.2.84/30
add nets 198.51.100.0/24
create ends hash:ip,port family inet
add ends 10.42.1.10,tcp:80
add ends 10.42.1.20,udp:53
create both list:set size 8
add both nets`)

const sources = [
  '192.0.2.0/25',
  '192.0.2.77',
  '198.51.100.0/24',
  '192.0.2.12',
  '10.42.2.0/24',
] as const
const pods = ['10.42.1.10', '10.42.1.16/28', '10.42.2.0/24', '10.42.0.0/16', '10.42.9.9'] as const

const devices = ['cali1', 'cali2', 'cali3', 'cali4', 'cali+', 'ca+'] as const

/** A rule with matches that tell outsiders and pods apart. */
function randomRule(
  random: Random,
  chain: string,
  targets: readonly [string, ...string[]],
): string {
  const not = random.chance(0.3) ? '! ' : ''
  const conditions = random.some(
    [
      `${not}-s ${random.pick(sources)}`,
      `${not}-d ${random.pick(pods)}`,
      `${not}-p ${random.pick(['tcp', 'udp', 'icmp', 'sctp', 'gre'])}`,
      `-m iprange ${not}--src-range 192.0.2.70-192.0.2.90`,
      `-m set ${not}--match-set ${random.pick(['nets', 'both'])} src`,
      `-m set ${not}--match-set ends dst,dst`,
      `-m mark ${not}--mark 0x1/0x1`,
      `-m conntrack ${not}--ctorigsrc 192.0.2.96/27`,
      `${not}-o ${random.pick(devices)}`,
      `-o ${random.pick(devices)}`,
    ],
    2,
  )
  return `-A ${chain} ${conditions.join(' ')} -j ${random.pick(targets)}`
}

function randomRules(random: Random): string {
  const some = (chain: string, ...targets: readonly [string, ...string[]]): string =>
    Array.from({ length: 1 + random.below(5) }, () => randomRule(random, chain, targets)).join('\n')
  const mark = 'MARK --set-xmark 0x1/0x1'
  // Rules accept two pods in the same words, but at different positions.
  const twins = random.pick([
    ['cali3', 'cali4'],
    ['cali4', 'cali3'],
    ['none1', 'none2'],
  ])
  const [early, late] = twins.map((device) => `-A FORWARD -o ${device} -j ACCEPT`)
  return `*mangle\n:PREROUTING ACCEPT [0:0]\n${some('PREROUTING', mark, 'DROP')}\nCOMMIT
*filter\n:FORWARD ${random.pick(['ACCEPT', 'DROP'])} [0:0]\n:OTHERS - [0:0]
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
${early}
${some('FORWARD', 'ACCEPT', 'DROP', 'OTHERS', mark)}
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
${late}
${some('FORWARD', 'ACCEPT', 'DROP', 'OTHERS')}
${some('OTHERS', 'ACCEPT', 'RETURN', mark)}\nCOMMIT`
}

function randomPacket(random: Random): Partial<Packet> {
  const host = (): number => random.below(256)
  const source = random.pick([
    `192.0.2.${14 + random.below(240)}`,
    `198.51.100.${host()}`,
    `203.0.113.${host()}`,
  ])
  const [destination, out] = random.pick([
    ['10.42.1.10', 'cali1'],
    ['10.42.1.60', 'cali3'],
    ['10.42.1.61', 'cali4'],
    [`10.42.1.${11 + random.below(30)}`, 'cali2'],
    [`10.42.2.${host()}`, 'flannel.1'],
  ])
  const protocol = random.pick(['tcp', 'udp', 'icmp', 'sctp', 'gre'])
  const ports = { sourcePort: 40000, destinationPort: random.pick([53, 80, 8080]) }
  return { ...fresh, in: 'ens18', out, source, destination, protocol, ...ports }
}

const route = { kind: 'unicast', via: undefined, source: undefined } as const
const network = {
  ...intent.network,
  routes: [
    { ...route, cidr: '192.0.2.0/24', device: 'ens18' },
    { ...route, cidr: '0.0.0.0/0', via: '192.0.2.1', device: 'ens18' },
    { ...route, cidr: '10.42.1.10/32', device: 'cali1' },
    { ...route, cidr: '10.42.1.60/32', device: 'cali3' },
    { ...route, cidr: '10.42.1.61/32', device: 'cali4' },
    { ...route, cidr: '10.42.1.0/24', device: 'cali2' },
    { ...route, cidr: '10.42.2.0/24', via: '10.42.2.0', device: 'flannel.1' },
  ],
}

/** Places our rule in random rulesets, and looks for random packets with a conflict at a position that was found good. */
function missed(
  aim: Flow['aim'],
  hostOf: (random: Random) => RandomHost,
  packetOf: (random: Random, host: RandomHost) => Partial<Packet>,
): { readonly placed: number; readonly missed: readonly unknown[] } {
  const random = makeRandom(11)
  let placed = 0
  for (let round = 0; round < rounds(40, 600); round++) {
    const host = hostOf(random)
    const { text, wanted } = host
    const state = { ruleset: parseRuleset(text), sets, fingerprint: '' }
    const placement = findPosition(state, wanted)
    if (placement.kind === 'refused') continue
    placed++
    const flows = Array.from({ length: 40 }, () => {
      const about = packetOf(random, host)
      const flow = { aim, title: JSON.stringify(about), about, remedy: '', invented: false }
      return atForward(flow, hostModelOf(state, wanted))
    })
    const found = conflicts(state.ruleset, flows.flat(), [guardRule(wanted, 'ens18')])
    const bad = placement.good.flatMap((good) => found[good - 1] ?? [])
    if (bad.length > 0) return { placed, missed: [text, wanted, ...bad] }
  }
  return { placed, missed: [] }
}

/** Random rules on the host above. */
function hostWith(published: ForwardIntent['published']): (random: Random) => RandomHost {
  return (random) => ({ text: randomRules(random), wanted: { ...intent, network, published } })
}

describe('findPosition', () => {
  it('calls no position good that any outsider passes, sampled or not', () => {
    const found = missed('stop', hostWith('allow'), randomPacket)
    expect(found.missed).toEqual([])
    expect(found.placed).toBeGreaterThan(30)
  })

  it('calls no position good that stops any reply to a pod, sampled or not', () => {
    const found = missed('keep', hostWith(undefined), (random) => {
      const { source, protocol } = randomPacket(random)
      const [destination, out] = random.pick([
        ['10.42.1.10', 'cali1'],
        [`10.42.1.${11 + random.below(30)}`, 'cali2'],
      ])
      const ports = { sourcePort: random.pick([53, 443, 8443]), destinationPort: 40000 }
      const known = ['tcp', 'udp', 'icmp'].includes(protocol ?? '') ? protocol : 'udp'
      const reply = { state: 'ESTABLISHED', direction: 'REPLY', protocol: known } as const
      return { ...fresh, ...ports, ...reply, in: 'ens18', out, source, destination }
    })
    expect(found.missed).toEqual([])
    expect(found.placed).toBeGreaterThan(30)
  })

  it('calls no position good that stops any bare pod, sampled or not, with any members in the set', () => {
    const found = missed('keep', hostWithBarePods, (random, { wanted }) => {
      const { routes } = wanted.network
      const source = barePod(random)
      const hasRoutes = routes.some(
        ({ cidr }) => cidr.startsWith('10.42') && cidr !== '10.42.1.0/24',
      )
      const [towards] = routesTowards(source, routes)
      // Where routes name blocks, a source that none names is no pod.
      if (hasRoutes && towards?.cidr === '0.0.0.0/0') return { ...fresh, in: 'lo' }
      const packet = random.pick([requests.TCP, requests.UDP, requests.ping])
      return { ...fresh, ...packet, in: 'ens18', out: 'cali2', source, destination: '10.42.1.20' }
    })
    expect(found.missed).toEqual([])
    expect(found.placed).toBeGreaterThan(5)
  })
})
