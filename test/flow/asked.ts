import { knownBits } from '../../src/flow/bits.ts'
import { makePacket, type Packet } from '../../src/flow/packet.ts'
import type { World } from '../../src/flow/world.ts'
import { type IpSet, parseSets } from '../../src/ipset/sets.ts'
import { makeRule, type Rule } from '../../src/iptables/rule.ts'
import { splitWords } from '../../src/iptables/words.ts'

/** A rule of FORWARD from what iptables prints after `-A FORWARD`. */
export function ruleOf(text: string): Rule {
  return makeRule('FORWARD', splitWords(text))
}

/** A new TCP connection from outside to a pod, known in all that matters, but for what `about` says. */
export function outsider(about: Partial<Packet> = {}): Packet {
  return makePacket({
    in: 'ens18',
    out: 'cali0123456789a',
    source: '192.168.1.66',
    destination: '10.42.1.10',
    protocol: 'tcp',
    sourcePort: 40000,
    destinationPort: 8080,
    tcpFlags: ['SYN'],
    state: 'NEW',
    direction: 'ORIGINAL',
    snat: false,
    dnat: false,
    mark: knownBits(0),
    connmark: knownBits(0),
    ...about,
  })
}

/** A world with sets as `ipset save` prints them. */
export function worldOf(sets = '', about: Partial<World> = {}): World {
  return { sets: parseSets(sets), localAddresses: ['192.168.1.10'], ...about }
}

/** A set with members as the walk wants them, `nomatch` with the member. */
export function setOf(type: string, options: string, members: readonly string[]): IpSet {
  return { name: 'set', type, options: options.split(' '), members }
}
