import { describe, expect, it } from 'vitest'
import { knownBits, unknownBits } from '../../src/flow/bits.ts'
import { matches } from '../../src/flow/matching.ts'
import type { Packet } from '../../src/flow/packet.ts'
import type { Ternary } from '../../src/flow/ternary.ts'
import { formatNetwork, parseNetwork, parseRange } from '../../src/ip/ipv4-ranges.ts'
import { maxListedSets } from '../../src/limits.ts'
import { makeRandom } from '../random.ts'
import { outsider, ruleOf, setOf, worldOf } from './asked.ts'

type Case = readonly [conditions: string, about: Partial<Packet>, answer: Ternary]

const world = worldOf('', { broadcastAddresses: ['192.168.1.255'] })

function table(title: string, cases: readonly Case[]): void {
  describe(title, () => {
    it.each(cases)('%s, of %o: %s', (conditions, about, answer) => {
      expect(matches(ruleOf(conditions), outsider(about), world)).toBe(answer)
    })
  })
}

describe('matches', () => {
  table('interfaces', [
    ['-i ens18', {}, 'yes'],
    ['-i ens1', {}, 'no'],
    ['-i ens+', {}, 'yes'],
    ['! -i ens+', {}, 'no'],
    ['-i +', {}, 'yes'],
    ['-o cali+', {}, 'yes'],
    ['-o cali+', { out: undefined }, 'maybe'],
    ['-o cali+', { out: '' }, 'no'],
    ['-o cali0123456789a', { out: 'cali+' }, 'maybe'],
    ['-o cali+', { out: 'cali+' }, 'yes'],
    ['! -o ca+', { out: 'cali+' }, 'no'],
    ['-o cali12+', { out: 'cali+' }, 'maybe'],
    ['-o eth0', { out: 'cali+' }, 'no'],
  ])

  table('names that every JavaScript object has', [
    ['-m constructor --wait 1', {}, 'maybe'],
    ['-m __proto__', {}, 'maybe'],
    ['-p toString', {}, 'maybe'],
    ['-p icmp -m icmp --icmp-type constructor', { protocol: 'icmp' }, 'maybe'],
    ['-m conntrack --valueOf 10.42.0.0/16', {}, 'maybe'],
  ])

  table('ports of a bridge', [
    ['-m physdev --physdev-is-bridged', {}, 'no'],
    ['-m physdev ! --physdev-is-bridged', {}, 'yes'],
    ['-m physdev --physdev-is-out', {}, 'no'],
    ['-m physdev --physdev-is-in', {}, 'maybe'],
    ['-m physdev --physdev-is-in', { bridged: true }, 'yes'],
    ['-m physdev --physdev-in vnet0', { bridged: true }, 'maybe'],
    ['-m physdev --physdev-is-bridged', { out: 'ens18' }, 'maybe'],
    ['-m physdev --physdev-is-bridged', { out: 'ens18', bridged: true }, 'yes'],
    ['-m physdev --physdev-is-bridged', { out: 'ens18', bridged: false }, 'no'],
    ['-m physdev --physdev-is-bridged', { out: 'ens+' }, 'maybe'],
    ['-m physdev --physdev-is-bridged', { out: undefined }, 'maybe'],
    ['-m physdev --physdev-is-bridged', { out: '', bridged: true }, 'no'],
  ])

  table('addresses', [
    ['-d 10.42.0.0/16', {}, 'yes'],
    ['! -d 10.42.0.0/16', {}, 'no'],
    ['-s 10.42.0.0/255.255.0.0 -d 10.42.1.10/32', {}, 'no'],
    ['-d 10.0.1.10/255.0.255.255', {}, 'yes'],
    ['-d 10.0.1.11/255.0.255.255', {}, 'no'],
    ['-d 10.0.1.11/255.0.255.255', { destination: '10.42.0.0/16' }, 'maybe'],
    ['-s 10.0.0.0/8,192.168.1.66', {}, 'yes'],
    ['-d 10.42.1.0/24', { destination: '10.42.0.0/16' }, 'maybe'],
    ['-d 10.0.0.0/8', { destination: '10.42.0.0/16' }, 'yes'],
    ['-d 10.43.0.0/16', { destination: '10.42.0.0/16' }, 'no'],
    ['-s 10.42.0.0/16', { source: undefined }, 'maybe'],
    ['-s fe80::1', {}, 'maybe'],
    ['-m iprange --src-range 192.168.1.60-192.168.1.70', {}, 'yes'],
    ['-m iprange ! --src-range 192.168.1.60-192.168.1.70', {}, 'no'],
    ['-m iprange --dst-range 10.42.1.0-10.42.1.9', {}, 'no'],
    ['-m iprange --dst-range 10.42.1.0-10.42.1.9', { destination: '10.42.1.0/24' }, 'maybe'],
  ])

  table('protocols and ports', [
    ['-p tcp', {}, 'yes'],
    ['-p 6', {}, 'yes'],
    ['! -p udp', {}, 'yes'],
    ['-p all', {}, 'yes'],
    ['-p 0', {}, 'yes'],
    ['-p ipencap', { protocol: '4' }, 'yes'],
    // As older versions of iptables print it where /etc/protocols is missing.
    ['-p icmpv6', { protocol: '58' }, 'yes'],
    ['-p newest', {}, 'maybe'],
    ['-p tcp', { protocol: undefined }, 'maybe'],
    ['-p tcp -m tcp', {}, 'yes'],
    ['-p tcp -m tcp --dport 8080', {}, 'yes'],
    ['-p tcp -m tcp ! --dport 8000:8080', {}, 'no'],
    ['-p tcp -m tcp --sport 1024:', {}, 'yes'],
    ['-p tcp -m tcp --dport :1023', {}, 'no'],
    ['-p tcp -m tcp --dport 80', { destinationPort: undefined }, 'maybe'],
    ['-p udp -m udp --dport 53', {}, 'no'],
    ['-p dccp -m dccp --dport 8080', { protocol: 'dccp' }, 'yes'],
    ['-p dccp -m dccp --dccp-types REQUEST', { protocol: 'dccp' }, 'maybe'],
    ['-p tcp -m tcp --tcp-option 8', {}, 'maybe'],
    ['-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN', {}, 'yes'],
    ['-p tcp -m tcp --syn', { tcpFlags: ['SYN', 'ACK'] }, 'no'],
    ['-p tcp -m tcp ! --tcp-flags ALL NONE', {}, 'yes'],
    ['-p tcp -m tcp --tcp-flags SYN SYN,ACK', {}, 'no'],
    ['-p tcp -m tcp --syn', { tcpFlags: undefined }, 'maybe'],
    ['-p tcp -m multiport --dports 80,443,8000:8100', {}, 'yes'],
    ['-p tcp -m multiport ! --sports 80,443', {}, 'yes'],
    ['-p tcp -m multiport --ports 40000', {}, 'yes'],
    ['-p tcp -m multiport --ports 80', { sourcePort: undefined }, 'maybe'],
    ['-p icmp -m icmp --icmp-type 8', { protocol: 'icmp', icmpType: 8, icmpCode: 0 }, 'yes'],
    ['-p icmp -m icmp ! --icmp-type 3/1', { protocol: 'icmp', icmpType: 3, icmpCode: 1 }, 'no'],
    ['-p icmp -m icmp --icmp-type 3/1', { protocol: 'icmp', icmpType: 3 }, 'maybe'],
    ['-p icmp -m icmp --icmp-type echo-request', { protocol: '1', icmpType: 0 }, 'no'],
    ['-p icmp -m icmp --icmp-type any', { protocol: '1' }, 'yes'],
    ['-p icmp -m icmp --icmp-type strange', { protocol: '1', icmpType: 0 }, 'maybe'],
  ])

  table('connections', [
    ['-m conntrack --ctstate RELATED,ESTABLISHED', {}, 'no'],
    ['-m conntrack ! --ctstate RELATED,ESTABLISHED', {}, 'yes'],
    ['-m state --state NEW', {}, 'yes'],
    ['-m conntrack --ctstate NEW', { state: undefined }, 'maybe'],
    ['-m conntrack --ctstate DNAT', {}, 'no'],
    ['-m conntrack --ctstate ESTABLISHED,DNAT', { dnat: true }, 'yes'],
    ['-m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT', { dnat: true }, 'no'],
    ['-m conntrack ! --ctstate DNAT', { dnat: undefined }, 'maybe'],
    ['-m conntrack --ctstate DNAT', { state: 'UNTRACKED', dnat: undefined }, 'no'],
    ['-m conntrack --ctstate SNAT', { snat: true }, 'yes'],
    ['-m conntrack --ctstate INVALID', { state: 'INVALID' }, 'yes'],
    ['-m conntrack --ctdir ORIGINAL', { direction: undefined }, 'yes'],
    ['-m conntrack --ctdir REPLY', { state: 'ESTABLISHED', direction: undefined }, 'maybe'],
    [
      '-m conntrack --ctorigdst 10.43.0.0/16',
      { originalDestination: '10.43.0.1', dnat: true },
      'yes',
    ],
    ['-m conntrack --ctorigdst 10.43.0.0/16', { dnat: true }, 'maybe'],
    ['-m conntrack ! --ctorigdst 10.43.0.0/16', {}, 'yes'],
    ['-m conntrack --ctorigdst 192.168.1.66', { state: 'ESTABLISHED', direction: 'REPLY' }, 'yes'],
    ['-m conntrack --ctorigdst 192.168.1.66', { state: 'RELATED', direction: 'REPLY' }, 'maybe'],
    ['-m conntrack --ctorigsrc 192.168.1.0/24', {}, 'yes'],
    ['-m conntrack --ctreplsrc 10.42.1.10', {}, 'yes'],
    ['-m conntrack --ctrepldst 192.168.1.66', { snat: undefined }, 'maybe'],
    ['-m conntrack --ctorigdstport 80', { originalDestinationPort: 80 }, 'yes'],
    ['-m conntrack --ctorigdstport 80', {}, 'no'],
    ['-m conntrack --ctorigdstport 8080', { dnat: true }, 'maybe'],
    ['-m conntrack --ctorigdst 1.2.3.4', { state: 'INVALID' }, 'no'],
    ['-m conntrack ! --ctorigdst 1.2.3.4', { state: 'INVALID' }, 'no'],
    ['-m conntrack --ctstate INVALID --ctorigdst 1.2.3.4', { state: 'INVALID' }, 'yes'],
    ['-m conntrack --ctstatus SEEN_REPLY', {}, 'no'],
    ['-m conntrack --ctstatus ASSURED', {}, 'maybe'],
    ['-m conntrack --ctexpire 10', {}, 'maybe'],
    ['-m conntrack --ctexpire 10', { state: 'UNTRACKED' }, 'no'],
  ])

  table('marks', [
    ['-m mark --mark 0x0/0x10000', {}, 'yes'],
    ['-m mark --mark 0x10000/0x10000', {}, 'no'],
    ['-m mark ! --mark 0x10000/0x10000', {}, 'yes'],
    ['-m mark --mark 0x10000/0x10000', { mark: unknownBits }, 'maybe'],
    ['-m mark --mark 0x10000/0x10000', { mark: { value: 0x10000, known: 0x10000 } }, 'yes'],
    ['-m mark --mark 0x30000/0x30000', { mark: { value: 0x10000, known: 0x10000 } }, 'maybe'],
    ['-m mark --mark 0x20000/0x30000', { mark: { value: 0x10000, known: 0x10000 } }, 'no'],
    ['-m mark --mark 0x80000000/0x80000000', { mark: knownBits(0xffffffff) }, 'yes'],
    ['-m mark --mark 0x3/0x1', { mark: unknownBits }, 'no'],
    ['-m mark --mark 5', { mark: knownBits(5) }, 'yes'],
    ['-m connmark --mark 0x1/0x1', { connmark: knownBits(1) }, 'yes'],
    ['-m connmark ! --mark 0x1/0x1', { state: 'UNTRACKED' }, 'no'],
    ['-m connmark --mark 0x1/0x1', { state: undefined }, 'no'],
    ['-m connmark ! --mark 0x1/0x1', { state: undefined }, 'maybe'],
  ])

  table('kinds of addresses', [
    ['-m addrtype --dst-type LOCAL', {}, 'no'],
    ['-m addrtype --dst-type LOCAL', { destination: '192.168.1.10' }, 'yes'],
    ['-m addrtype --dst-type LOCAL', { destination: '127.0.0.53' }, 'yes'],
    ['-m addrtype ! --dst-type LOCAL', { destination: '192.168.1.0/24' }, 'maybe'],
    ['-m addrtype --src-type UNICAST', {}, 'yes'],
    ['-m addrtype --src-type UNICAST', { source: '192.168.1.255' }, 'no'],
    ['-m addrtype --dst-type MULTICAST,BROADCAST', { destination: '224.0.0.251' }, 'yes'],
    ['-m addrtype --dst-type ANYCAST', {}, 'maybe'],
    ['-m addrtype --src-type LOCAL --limit-iface-in', { source: '192.168.1.10' }, 'maybe'],
    ['-m addrtype --src-type LOCAL --limit-iface-in', {}, 'no'],
  ])

  table('IPsec', [
    ['-m policy --dir in --pol ipsec', { decapsulated: false }, 'no'],
    ['-m policy --dir in --pol ipsec', { decapsulated: true }, 'yes'],
    ['-m policy --dir in --pol ipsec', {}, 'maybe'],
    ['-m policy --dir in --pol ipsec --reqid 1 --proto esp', { decapsulated: false }, 'no'],
    ['-m policy --dir in --pol ipsec ! --reqid 1', { decapsulated: false }, 'no'],
    ['-m policy --dir in --pol ipsec --reqid 1 --proto esp', { decapsulated: true }, 'maybe'],
    ['-m policy --dir in --pol ipsec --strict --mode tunnel', { decapsulated: true }, 'maybe'],
    ['-m policy --dir in --pol none', { decapsulated: false }, 'yes'],
    ['-m policy --dir in --pol none', { decapsulated: true }, 'no'],
    ['-m policy --dir in --pol none', {}, 'maybe'],
    ['-m policy --dir in --pol none --reqid 1', { decapsulated: false }, 'maybe'],
    ['-m policy --dir in --pol other', { decapsulated: false }, 'maybe'],
    ['-m policy --dir out --pol ipsec', { decapsulated: false }, 'maybe'],
    ['-m policy --dir out --pol none', { decapsulated: true }, 'maybe'],
    ['-m policy --pol ipsec', { decapsulated: false }, 'maybe'],
  ])

  table('the link layer', [
    ['-m pkttype --pkt-type unicast', {}, 'yes'],
    ['-m pkttype --pkt-type host', {}, 'yes'],
    ['-m pkttype --pkt-type broadcast', {}, 'no'],
    ['-m pkttype ! --pkt-type broadcast', {}, 'yes'],
    ['-m pkttype --pkt-type unicast', { out: '' }, 'maybe'],
    ['-m pkttype --pkt-type unicast', { out: '', bridged: false }, 'yes'],
    ['-m pkttype --pkt-type unicast', { out: 'ens18' }, 'maybe'],
    ['-m pkttype --pkt-type unicast', { bridged: true }, 'maybe'],
    ['-m pkttype --pkt-type unicast', { bridged: false, destination: '224.0.0.5' }, 'maybe'],
    ['-m pkttype --pkt-type unicast', { bridged: false, destination: undefined }, 'maybe'],
    ['-m pkttype --other unicast', {}, 'maybe'],
  ])

  table('helpers of connections', [
    ['-m helper --helper ftp', {}, 'no'],
    ['-m helper ! --helper ftp', {}, 'yes'],
    ['-m helper --helper ftp', { state: 'INVALID' }, 'no'],
    ['-m helper --helper ftp', { state: 'UNTRACKED' }, 'no'],
    ['-m helper --helper ftp', { state: 'RELATED' }, 'maybe'],
    ['-m helper --helper ftp', { state: 'ESTABLISHED' }, 'maybe'],
    ['-m helper --helper ftp', { state: undefined }, 'maybe'],
    ['-m helper --other ftp', {}, 'maybe'],
  ])

  table('anything else', [
    ['', {}, 'yes'],
    ['-m comment --comment "-j DROP"', {}, 'yes'],
    ['-m nfacct --nfacct-name  dropped', {}, 'yes'],
    ['-m physdev --physdev-in ens3', {}, 'maybe'],
    ['-m limit --limit 3/hour', {}, 'maybe'],
    ['-m statistic --mode random --probability 0.5', {}, 'maybe'],
    ['-m rpfilter --validmark --invert', {}, 'maybe'],
    ['-m recent --rcheck --name a', {}, 'maybe'],
    ['-f', {}, 'maybe'],
    ['-m comment --comment x --dport 80', {}, 'maybe'],
    ['-m limit --limit 3/hour -p udp', {}, 'no'],
    ['-m future --some thing ! --other', {}, 'maybe'],
  ])
})

/** Whether an address is in a set of networks, by asking each member: the longest that has the address decides. */
function membership(members: readonly string[], source = '0.0.0.0/0'): Ternary {
  const some = parseRange(source)
  const networks = members.flatMap((member) => {
    const network = parseNetwork(member.replace(' nomatch', ''))
    return network ? [{ ...network, excluded: member.endsWith('nomatch') }] : []
  })
  if (!some || networks.length < members.length) throw new Error(`unread: ${source} ${members}`)
  const has = (address: number): boolean => {
    const holding = networks.filter(({ first, last }) => address >= first && address <= last)
    const [longest] = holding.toSorted((a, b) => b.length - a.length)
    return longest !== undefined && !longest.excluded
  }
  const edges = [some.first, ...networks.flatMap(({ first, last }) => [first, last + 1])]
  const inside = edges.filter((one) => one >= some.first && one <= some.last).map(has)
  if (inside.every((one) => one)) return 'yes'
  return inside.includes(true) ? 'maybe' : 'no'
}

describe('matches, asked for a set', () => {
  const cases: readonly (readonly [
    type: string,
    members: string,
    sides: string,
    about: Partial<Packet>,
    answer: Ternary,
  ])[] = [
    ['hash:ip', '192.168.1.66', 'src', {}, 'yes'],
    ['hash:ip', '192.168.1.66', 'dst', {}, 'no'],
    ['hash:ip', '', 'src', { source: undefined }, 'no'],
    ['hash:ip', '192.168.1.66', 'src', { source: '192.168.1.0/24' }, 'maybe'],
    ['hash:net', '192.168.0.0/16', 'src', { source: '192.168.1.0/24' }, 'yes'],
    ['hash:net', '192.168.0.0/16;192.168.1.64/26 nomatch', 'src', {}, 'no'],
    [
      'hash:net',
      '192.168.0.0/16;192.168.1.64/26 nomatch',
      'src',
      { source: '192.168.1.0/24' },
      'maybe',
    ],
    ['hash:net', '192.168.0.0/16;192.168.1.64/26 nomatch;192.168.1.66', 'src', {}, 'yes'],
    ['hash:net', '0.0.0.0/1;128.0.0.0/1', 'src', {}, 'yes'],
    ['hash:ip,port', '10.42.1.10,tcp:8080', 'dst,dst', {}, 'yes'],
    ['hash:ip,port', '10.42.1.10,udp:8080', 'dst,dst', {}, 'no'],
    ['hash:ip,port', '10.42.1.10,tcp:8080', 'dst', {}, 'no'],
    ['hash:ip,port', '10.42.1.10,tcp:8080', 'dst,dst', { destinationPort: undefined }, 'maybe'],
    [
      'hash:net,port',
      '10.42.0.0/16,icmp:echo-request',
      'dst,dst',
      { protocol: 'icmp', icmpType: 8, icmpCode: 0 },
      'yes',
    ],
    ['hash:ip,port,net', '10.42.1.10,tcp:8080,192.168.0.0/16', 'dst,dst,src', {}, 'yes'],
    ['hash:ip,port,ip', '10.42.1.10,tcp:8080,192.168.1.67', 'dst,dst,src', {}, 'no'],
    ['bitmap:ip', '192.168.1.66', 'src', {}, 'yes'],
    ['bitmap:port', '8080', 'dst', {}, 'yes'],
    ['bitmap:port', '8080', 'dst', { protocol: 'sctp' }, 'no'],
    ['hash:net,iface', '192.168.0.0/16,ens18', 'src,src', {}, 'maybe'],
    ['hash:mac', '', 'src', {}, 'maybe'],
  ]

  it.each(cases)('%s of %s by %s, of %o: %s', (type, members, sides, about, answer) => {
    const set = setOf(type, 'family inet', members.split(';').filter(Boolean))
    const there = worldOf('', { sets: new Map([['set', set]]) })
    const rule = `-m set --match-set set ${sides}`
    expect(matches(ruleOf(rule), outsider(about), there)).toBe(answer)
    const opposite = { yes: 'no', no: 'yes', maybe: 'maybe' }[answer]
    expect(matches(ruleOf(rule.replace('set --', 'set ! --')), outsider(about), there)).toBe(
      opposite,
    )
  })

  it('doubts a set that is not there, that may time out or that holds other addresses', () => {
    const rule = ruleOf('-m set --match-set set src')
    const fleeting = worldOf(
      'create set hash:ip family inet timeout 60\nadd set 192.168.1.66 timeout 3',
    )
    expect(matches(rule, outsider(), worldOf())).toBe('maybe')
    expect(matches(rule, outsider(), fleeting)).toBe('maybe')
    expect(matches(rule, outsider({ source: '1.1.1.1' }), fleeting)).toBe('no')
    expect(matches(rule, outsider(), worldOf('create set hash:ip family inet6'))).toBe('maybe')
  })

  it('doubts whether an exception that may time out is still there', () => {
    const set = setOf('hash:net', 'family inet timeout 60', [
      '192.168.0.0/16',
      '192.168.1.64/26 nomatch',
    ])
    const asks = (source: string): Ternary =>
      matches(
        ruleOf('-m set --match-set set src'),
        outsider({ source }),
        worldOf('', { sets: new Map([['set', set]]) }),
      )
    expect(asks('192.168.1.66')).toBe('maybe')
    expect(asks('10.0.0.1')).toBe('no')
  })

  it('masks addresses with bits of any shape where a set does', () => {
    const there = worldOf(`create a hash:ip family inet bitmask 255.255.0.255
add a 192.168.0.66
create b hash:ip,port family inet netmask 24
add b 192.168.1.0,tcp:40000`)
    const asks = (text: string, source: string): Ternary =>
      matches(ruleOf(`-m set --match-set ${text}`), outsider({ source }), there)
    expect(asks('a src', '192.168.7.66')).toBe('yes')
    expect(asks('a src', '192.168.7.67')).toBe('no')
    expect(asks('a src', '192.168.0.0/16')).toBe('maybe')
    expect(asks('b src,src', '192.168.1.66')).toBe('yes')
  })

  it('looks into lists of sets, and masks addresses where a set does', () => {
    const there = worldOf(`create a hash:ip family inet netmask 24
add a 192.168.1.0
create b hash:ip family inet
create list list:set size 8
add list b
add list a`)
    const asks = (name: string, source: string): Ternary =>
      matches(ruleOf(`-m set --match-set ${name} src`), outsider({ source }), there)
    expect(asks('list', '192.168.1.66')).toBe('yes')
    expect(asks('list', '192.168.2.66')).toBe('no')
    expect(asks('b', '192.168.1.66')).toBe('no')
  })

  it('finds a packet in a set as asking each member does, for random sets and packets', () => {
    const random = makeRandom(8)
    const address = (): string => `10.0.${random.below(4)}.${random.below(16)}`
    const network = (): string => `${address()}/${22 + random.below(11)}`
    for (let round = 0; round < 600; round++) {
      const networks = new Map(
        Array.from({ length: random.below(12) }, () => {
          const one = parseNetwork(network())
          return [one ? formatNetwork(one) : '', random.chance(0.3)] as const
        }),
      )
      const members = [...networks].map(([one, excluded]) => (excluded ? `${one} nomatch` : one))
      const source = random.pick([address(), address(), network(), undefined])
      const there = worldOf('', {
        sets: new Map([['set', setOf('hash:net', 'family inet', members)]]),
      })
      const found = matches(ruleOf('-m set --match-set set src'), outsider({ source }), there)
      const wanted = membership(members, source)
      // Of an address that is not known, doubt is never wrong.
      const agrees = found === wanted || (found === 'maybe' && !source?.match(/^[^/]+$/))
      expect(agrees ? '' : `${source} in ${members.join(' ')}: ${found}`).toBe('')
    }
  })

  it('doubts a list of more sets than are looked into', () => {
    const names = Array.from({ length: maxListedSets + 1 }, (_, i) => `s${i}`)
    const sets = (last: number): string =>
      [
        ...names.map((name) => `create ${name} hash:ip family inet`),
        'create list list:set size 512',
        ...names.slice(0, last).map((name) => `add list ${name}`),
      ].join('\n')
    const rule = ruleOf('-m set --match-set list src')
    expect(matches(rule, outsider(), worldOf(sets(maxListedSets)))).toBe('no')
    expect(matches(rule, outsider(), worldOf(sets(maxListedSets + 1)))).toBe('maybe')
  })

  it('doubts options that it does not know, and leaves out counters', () => {
    const there = worldOf('create set hash:ip family inet\nadd set 192.168.1.66')
    const asks = (more: string): Ternary =>
      matches(ruleOf(`-m set --match-set set src ${more}`), outsider(), there)
    expect(asks('! --update-counters')).toBe('yes')
    expect(asks('--packets-gt 3')).toBe('maybe')
  })

  it.each<Case>([
    ['', { in: 'ens18' }, 'yes'],
    ['--validmark', { in: 'ens19' }, 'no'],
    ['--validmark --invert', { in: 'ens19' }, 'yes'],
    ['--loose', { in: 'ens19' }, 'yes'],
    ['--loose', { in: 'ens19', source: '203.0.113.1' }, 'no'],
    ['', { in: 'lo', source: '203.0.113.1' }, 'yes'],
    ['', { source: '192.168.1.10' }, 'no'],
    ['--accept-local', { source: '192.168.1.10' }, 'maybe'],
    ['', { source: '192.168.1.0/24' }, 'maybe'],
    ['', { source: '0.0.0.0' }, 'maybe'],
    ['', { in: 'ens+' }, 'maybe'],
    ['--new-flag', {}, 'maybe'],
  ])('knows by the routes what rpfilter %s says of %o: %s', (options, about, answer) => {
    const there = worldOf('', {
      devicesTowards: (address) => (address.startsWith('192.168.1.') ? ['ens18'] : []),
    })
    expect(matches(ruleOf(`-m rpfilter ${options}`), outsider(about), there)).toBe(answer)
  })
})
