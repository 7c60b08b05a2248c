/** What a target does in the walk of a packet, if it is neither a verdict nor a chain. */
export type TargetKind =
  /** The next rule follows. Nothing changes that a known match asks for. */
  | { readonly kind: 'pass' }
  /** The next rule follows. The packet has another mark or another tracking, or a set has changed. */
  | {
      readonly kind: 'change'
      readonly what: 'mark' | 'connmark' | 'any-mark' | 'tracking' | 'set'
    }
  /** The rules do not say whether it ends the walk. */
  | { readonly kind: 'unknown'; readonly reason: string }

const pass: TargetKind = { kind: 'pass' }

function change(what: Extract<TargetKind, { kind: 'change' }>['what']): TargetKind {
  return { kind: 'change', what }
}

function unknown(reason: string): TargetKind {
  return { kind: 'unknown', reason }
}

/**
 * Every target of the manual of iptables 1.8.9 that an IPv4 table may have, without those that `verdictOf` knows. A target
 * that is not here is unknown.
 */
export const targetExtensions: ReadonlyMap<string, TargetKind> = new Map([
  ['AUDIT', pass],
  ['CHECKSUM', pass],
  // CLASSIFY, CONNSECMARK and SECMARK set a priority or a security mark, which no match asks for.
  ['CLASSIFY', pass],
  [
    'CLUSTERIP',
    unknown('the iptables target CLUSTERIP drops a packet if another machine must answer it'),
  ],
  ['CONNMARK', change('connmark')],
  ['CONNSECMARK', pass],
  ['CT', change('tracking')],
  // These six change header fields. Matches for those are in doubt anyway.
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
  // The copy does not come to FORWARD.
  ['TEE', pass],
  ['TPROXY', unknown('TPROXY gives the packet to a program on the host if one listens')],
  ['TRACE', pass],
  ['ULOG', pass],
])
