import type { Match, Option } from '../../iptables/rule.ts'
import { readInterface } from '../interface-name.ts'
import { readAddress, readRange } from './address.ts'
import { readAddrtype } from './addrtype.ts'
import { readConntrack, readState } from './conntrack.ts'
import { readIcmp } from './icmp.ts'
import { readConnmark, readMark } from './mark.ts'
import { readPhysdev } from './physdev.ts'
import { readMultiport, readPorts } from './ports.ts'
import { always, everyOption, negatedIf, type Predicate, unknowable } from './predicate.ts'
import { readProtocol } from './protocol.ts'
import { readRpfilter } from './rpfilter.ts'
import { readSet } from './set.ts'
import { readTcp } from './tcp.ts'

/** Reads one condition of a rule. Whatever is not understood makes doubt: nothing is ever left out. */
export function readMatch(match: Match): Predicate {
  switch (match.kind) {
    case 'in':
    case 'out':
      return negatedIf(match.negated, readInterface(match.kind, match.interface))
    case 'source':
    case 'destination':
      return negatedIf(match.negated, readAddress(match.kind, match.cidr))
    case 'protocol':
      return negatedIf(match.negated, readProtocol(match.protocol))
    case 'module':
      return (modules.get(match.module) ?? readUnknown)(match.options)
    case 'other':
      return unknowable
  }
}

type Reader = (options: readonly Option[]) => Predicate

const modules: ReadonlyMap<string, Reader> = new Map(
  Object.entries<Reader>({
    addrtype: readAddrtype,
    comment: readComment,
    connmark: readConnmark,
    conntrack: readConntrack,
    icmp: readIcmp,
    iprange: (options) =>
      everyOption(options, ({ name, values: [range = ''] }) => readRange(name, range)),
    mark: readMark,
    multiport: readMultiport,
    nfacct: readComment,
    physdev: readPhysdev,
    rpfilter: readRpfilter,
    sctp: readPorts,
    set: readSet,
    state: readState,
    tcp: readTcp,
    udp: readPorts,
    udplite: readPorts,
  }),
)

/** A comment and a counter of nfacct match every packet. */
function readComment(options: readonly Option[]): Predicate {
  return everyOption(options, ({ name }) =>
    name === 'comment' || name === 'nfacct-name' ? always : undefined,
  )
}

function readUnknown(): Predicate {
  return unknowable
}
