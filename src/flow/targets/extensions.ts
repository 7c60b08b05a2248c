/** What a target that is no verdict, and no chain, does to the walk of a packet. */
export type TargetKind =
  /** The next rule follows. Nothing changes that a match we know asks for. */
  | { readonly kind: 'pass' }
  /** The next rule follows, and the packet has another mark or another tracking. */
  | {
      readonly kind: 'change'
      readonly what: 'mark' | 'connmark' | 'any-mark' | 'tracking' | 'set'
    }
  /** It may end the walk or not, for a reason that is no part of the rules. */
  | { readonly kind: 'unknown'; readonly reason: string }

const pass: TargetKind = { kind: 'pass' }

function change(what: Extract<TargetKind, { kind: 'change' }>['what']): TargetKind {
  return { kind: 'change', what }
}

function unknown(reason: string): TargetKind {
  return { kind: 'unknown', reason }
}

/**
 * Every target of the manual of iptables 1.8.9 that an IPv4 table may have and that `verdictOf` does not know. A target
 * that is not here is unknown.
 */
export const targetExtensions: ReadonlyMap<string, TargetKind> = new Map([
  ['AUDIT', pass],
  ['CHECKSUM', pass],
  // The priority and the security mark of a packet: no match asks for them.
  ['CLASSIFY', pass],
  ['CLUSTERIP', unknown('CLUSTERIP drops a packet that another node of its cluster answers')],
  ['CONNMARK', change('connmark')],
  ['CONNSECMARK', pass],
  ['CT', change('tracking')],
  // Of the header fields that these five change, every value counts as possible anyway.
  ['DSCP', pass],
  ['ECN', pass],
  ['TCPMSS', pass],
  ['TCPOPTSTRIP', pass],
  ['TOS', pass],
  ['TTL', pass],
  ['HMARK', change('any-mark')],
  ['IDLETIMER', pass],
  ['LED', pass],
  ['LOG', pass],
  ['MARK', change('mark')],
  ['NFLOG', pass],
  ['NFQUEUE', unknown('NFQUEUE asks a program on the host')],
  ['NOTRACK', change('tracking')],
  ['QUEUE', unknown('QUEUE asks a program on the host')],
  ['RATEEST', pass],
  ['SECMARK', pass],
  ['SET', change('set')],
  ['SYNPROXY', unknown('SYNPROXY answers for the server, and lets later packets pass')],
  // The copy takes a way of its own, and never comes to FORWARD.
  ['TEE', pass],
  ['TPROXY', unknown('TPROXY gives the packet to a program on the host if one listens')],
  ['TRACE', pass],
  ['ULOG', pass],
])
