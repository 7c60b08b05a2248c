import { describe, expect, it } from 'vitest'
import { formatAddress } from '../../../src/ip/ipv4.ts'
import { parseSets } from '../../../src/ipset/sets.ts'
import { makeRule, type Rule } from '../../../src/iptables/rule.ts'
import { splitWords } from '../../../src/iptables/words.ts'
import {
  matchedAddresses,
  matchedPorts,
  matchedProtocols,
} from '../../../src/placement/kinds/matched-ranges.ts'

const sets = parseSets(`create ips hash:ip family inet
add ips 198.51.100.7
add ips 198.51.100.9
create wide hash:ip family inet netmask 24
add wide 203.0.113.0
create nets hash:net family inet
add nets 198.51.100.0/24
add nets 203.0.113.0/24
add nets 203.0.113.64/26 nomatch
create pairs hash:ip,port,net family inet
add pairs 198.51.100.1,tcp:80,203.0.113.0/24
add pairs 198.51.100.2,tcp:443,203.0.113.0/24
create ports bitmap:port range 1-100
add ports 53
create names list:set size 8
add names ips
add names wide`)

function rules(...texts: readonly string[]): readonly Rule[] {
  return texts.map((text) => makeRule('FORWARD', splitWords(text)))
}

/** What one rule matches on a side: each match as `FIRST-LAST`, several ranges with commas between them. */
function matched(text: string, side: 'source' | 'destination' = 'source'): readonly string[] {
  return matchedAddresses([rules(text)], side, sets).map((ranges) =>
    ranges
      .map(({ first, last }) =>
        first === last ? formatAddress(first) : `${formatAddress(first)}-${formatAddress(last)}`,
      )
      .join(),
  )
}

describe('matchedAddresses', () => {
  it.each([
    ['a network', '-s 198.51.100.0/24', ['198.51.100.0-198.51.100.255']],
    ['a negated one', '! -s 198.51.100.0/24', ['198.51.100.0-198.51.100.255']],
    [
      'several in one rule',
      '-s 198.51.100.1,198.51.100.4/31',
      ['198.51.100.1,198.51.100.4-198.51.100.5'],
    ],
    ['of a mask that is no prefix, its first address', '-s 10.0.0.1/255.0.0.255', ['10.0.0.1']],
    ['a range', '-m iprange --src-range 198.51.100.1-198.51.100.9', ['198.51.100.1-198.51.100.9']],
    [
      'the original source of a connection',
      '-m conntrack --ctorigsrc 198.51.100.0/31',
      ['198.51.100.0-198.51.100.1'],
    ],
    ['the source of replies', '-m conntrack --ctrepldst 198.51.100.3', ['198.51.100.3']],
    [
      'nothing of the other side',
      '-d 198.51.100.1 -m iprange --dst-range 198.51.100.1-198.51.100.9',
      [],
    ],
    ['nothing of modules that match no address', '-m comment --comment --src-range', []],
  ])('finds %s', (_, text, expected) => {
    expect(matched(text)).toEqual(expected)
  })

  it('finds what a rule matches as destination', () => {
    expect(
      matched(
        '-d 198.51.100.1 -m conntrack --ctorigdst 198.51.100.2 --ctreplsrc 198.51.100.3',
        'destination',
      ),
    ).toEqual(['198.51.100.1', '198.51.100.2,198.51.100.3'])
  })

  it.each([
    ['together those that nothing else tells apart', 'ips src', ['', '198.51.100.7,198.51.100.9']],
    ['as networks those of a netmask', 'wide src', ['', '203.0.113.0-203.0.113.255']],
    [
      'apart those of another length or with nomatch',
      'nets src',
      ['', '198.51.100.0-198.51.100.255,203.0.113.0-203.0.113.255', '203.0.113.64-203.0.113.127'],
    ],
    [
      'apart those that differ in another dimension',
      'pairs src,dst,dst',
      ['', '198.51.100.1', '198.51.100.2'],
    ],
    [
      'of the sets in a list',
      'names src',
      ['', '198.51.100.7,198.51.100.9', '', '203.0.113.0-203.0.113.255'],
    ],
    ['none if the other side is looked up', 'ips dst', []],
    ['none of a set that does not exist', 'gone src', ['']],
  ])('finds members of sets: %s', (_, asked, expected) => {
    expect(matched(`-m set --match-set ${asked}`)).toEqual(expected)
  })

  it('finds each match once, however many rules have it', () => {
    const twice = rules(
      '-s 198.51.100.1 -m set --match-set ips src',
      '-s 198.51.100.1 -m set --match-set ips src',
    )
    expect(matchedAddresses([twice], 'source', sets)).toHaveLength(3)
  })
})

describe('matchedPorts', () => {
  it.each([
    ['single ports and lists', '-p tcp -m multiport --dports 80,443', ['80-80', '443-443']],
    [
      'ranges, open ones too',
      '-p tcp -m multiport --sports 1:9,:5,1024:',
      ['1-9', '0-5', '1024-65535'],
    ],
    ['the source port', '-p udp -m udp --sport 53', ['53-53']],
    ['ports in sets', '-m set --match-set pairs src,dst,dst', ['80-80', '443-443']],
    ['sets of ports', '-m set --match-set ports dst', ['53-53']],
    ['no port that is none', '-p tcp -m tcp --dport 70000', []],
    ['nothing else', '-m conntrack --ctstate NEW -m mark --mark 80', []],
  ])('finds %s', (_, text, expected) => {
    const found = matchedPorts([rules(text)], sets).map(
      ([range]) => `${range?.first}-${range?.last}`,
    )
    expect(found).toEqual(expected)
  })
})

describe('matchedProtocols', () => {
  it('finds protocols by name and number, negated ones too', () => {
    const found = matchedProtocols([rules('-p tcp', '-p 47', '! -p gre', '-p nonsense', '-j DROP')])
    expect([...found]).toEqual([6, 47])
  })
})
