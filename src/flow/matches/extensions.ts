import type { Option } from '../../iptables/rule.ts'
import { readIprange } from './address.ts'
import { readAddrtype } from './addrtype.ts'
import { readConntrack, readState } from './conntrack.ts'
import { readHelper } from './helper.ts'
import { readIcmp } from './icmp.ts'
import { readConnmark, readMark } from './mark.ts'
import { readPhysdev } from './physdev.ts'
import { readPkttype } from './pkttype.ts'
import { readPolicy } from './policy.ts'
import { readMultiport, readPorts } from './ports.ts'
import { always, everyOption, type Predicate } from './predicate.ts'
import { readRpfilter } from './rpfilter.ts'
import { readSet } from './set.ts'
import { readTcp } from './tcp.ts'

/** What the walk does with a match extension: it reads the options, or it is always in doubt, for a reason. */
export type MatchExtension =
  | { readonly kind: 'read'; readonly read: (options: readonly Option[]) => Predicate }
  | { readonly kind: 'doubt'; readonly reason: string }

function read(read: (options: readonly Option[]) => Predicate): MatchExtension {
  return { kind: 'read', read }
}

function doubt(reason: string): MatchExtension {
  return { kind: 'doubt', reason }
}

const anyValue = 'a flow stands for packets with any value of it'
const past = 'it depends on the packets before'
const content = 'a flow says nothing of what a packet carries'
const ownSockets = 'it asks for a program of the host, in chains where no forwarded packet comes'

/**
 * Every match of the manual of iptables 1.8.9 that an IPv4 table may have, and two that it leaves out: ipcomp and udplite.
 * A match that is not here makes doubt, too.
 */
export const matchExtensions: ReadonlyMap<string, MatchExtension> = new Map([
  ['addrtype', read(readAddrtype)],
  ['ah', doubt(anyValue)],
  ['bpf', doubt(content)],
  ['cgroup', doubt(ownSockets)],
  ['cluster', doubt('it depends on a hash of the connection')],
  ['comment', read(readComment)],
  ['connbytes', doubt(past)],
  ['connlabel', doubt('a flow says nothing of the labels of its connection')],
  ['connlimit', doubt('it depends on how many connections are open')],
  ['connmark', read(readConnmark)],
  ['conntrack', read(readConntrack)],
  ['cpu', doubt('it depends on the processor that handles the packet')],
  ['dccp', read(readPorts)],
  ['devgroup', doubt('the groups of interfaces are not read from the host')],
  ['dscp', doubt(anyValue)],
  ['ecn', doubt(anyValue)],
  ['esp', doubt(anyValue)],
  ['hashlimit', doubt(past)],
  ['helper', read(readHelper)],
  ['icmp', read(readIcmp)],
  ['ipcomp', doubt(anyValue)],
  ['iprange', read(readIprange)],
  ['ipvs', doubt('the connections of IPVS are not read from the host')],
  ['length', doubt(anyValue)],
  ['limit', doubt(past)],
  ['mac', doubt(anyValue)],
  ['mark', read(readMark)],
  ['multiport', read(readMultiport)],
  ['nfacct', read(readComment)],
  ['osf', doubt(content)],
  ['owner', doubt(ownSockets)],
  ['physdev', read(readPhysdev)],
  ['pkttype', read(readPkttype)],
  ['policy', read(readPolicy)],
  ['quota', doubt(past)],
  ['rateest', doubt(past)],
  ['realm', doubt('the realms of routes are not read from the host')],
  ['recent', doubt(past)],
  ['rpfilter', read(readRpfilter)],
  ['sctp', read(readPorts)],
  ['set', read(readSet)],
  ['socket', doubt('the open sockets are not read from the host')],
  ['state', read(readState)],
  ['statistic', doubt('it takes packets by chance or by their count')],
  ['string', doubt(content)],
  ['tcp', read(readTcp)],
  ['tcpmss', doubt(anyValue)],
  ['time', doubt('it depends on the time of day')],
  ['tos', doubt(anyValue)],
  ['ttl', doubt(anyValue)],
  ['u32', doubt(content)],
  ['udp', read(readPorts)],
  ['udplite', read(readPorts)],
])

/** Every packet matches a comment or a counter of nfacct. */
function readComment(options: readonly Option[]): Predicate {
  return everyOption(options, ({ name }) =>
    name === 'comment' || name === 'nfacct-name' ? always : undefined,
  )
}
