import type { Random } from '../../random.ts'
import type { RandomSet } from './random-set.ts'

/*
 * Targets after which the next rule follows. Of those that the walk claims to know, the kernel here has neither LED nor
 * ULOG, SECMARK wants a policy of SELinux, and HL is of IPv6; the others are all here, each in the tables that take it.
 */

/** Words of a target that only lets pass, for a rule of this chain, or a jump to a chain of such. */
export function passingTarget(random: Random, table: string, hook: string): readonly string[] {
  const own = [
    ...everywhere,
    ...(elsewhere[table] ?? []),
    ...(hook === 'FORWARD' ? forward : []),
    ...passingChains(table).map(({ name }) => `-j ${name}`),
  ]
  return (own[random.below(own.length)] ?? '').split(' ')
}

const everywhere: readonly string[] = [
  '-j AUDIT --type accept',
  '-j IDLETIMER --timeout 600 --label walk',
  '-j LOG',
  '-j NFLOG',
  '-j RATEEST --rateest-name walk --rateest-interval 250ms --rateest-ewmalog 500ms',
  '-j SET --add-set grown src',
  '-j SET --add-set grown dst --exist --timeout 5',
  '-j SET --del-set grown dst',
  '-j SET --add-set paired src,dst',
]

const forward: readonly string[] = ['-j CLASSIFY --set-class 1:2', '-j TEE --gateway 10.4.0.2']

const elsewhere: Readonly<Record<string, readonly string[]>> = {
  mangle: [
    '-j CONNSECMARK --save',
    '-j CONNSECMARK --restore',
    '-j DSCP --set-dscp 0x0a',
    '-j TOS --set-tos 0x10',
    '-j TTL --ttl-inc 1',
    '-j TTL --ttl-set 64',
  ],
  raw: ['-j TRACE'],
}

/** A chain whose rules only let pass. */
export interface PassingChain {
  readonly name: string
  readonly rules: readonly string[]
}

/** Chains for targets that want a protocol, and for those that leave a mark of which the walk knows nothing any more. */
export function passingChains(table: string): readonly PassingChain[] {
  const marked = '-j MARK --set-xmark 0x4002/0xffffffff'
  const hashed = '-j HMARK --hmark-tuple src,dst --hmark-mod 16 --hmark-offset 3 --hmark-rnd 0x7'
  const clamped = '-p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 1200'
  const chains: Readonly<Record<string, readonly string[]>> = {
    HASHED: [hashed, marked],
    ...(/^(filter|mangle)$/.test(table) ? { CLAMPED: [clamped] } : {}),
    ...(table === 'mangle' ? ofMangle(marked) : {}),
  }
  return Object.entries(chains).map(([name, rules]) => ({
    name,
    rules: rules.map((rule) => `-A ${name} ${rule}`),
  }))
}

function ofMangle(marked: string): Readonly<Record<string, readonly string[]>> {
  return {
    MAPPED: ['-j SET --map-set mapped src --map-mark', marked],
    MENDED: [
      '-p tcp -j ECN --ecn-tcp-remove',
      '-p tcp -j TCPOPTSTRIP --strip-options sack-permitted',
      '-p udp -j CHECKSUM --checksum-fill',
    ],
  }
}

/** The sets that these targets change. No rule asks for them: of a set that may have changed the walk knows nothing. */
export const changedSets: readonly RandomSet[] = [
  { name: 'grown', dimensions: 1, lines: ['create grown hash:ip timeout 600'] },
  { name: 'paired', dimensions: 2, lines: ['create paired hash:ip,port'] },
  {
    name: 'mapped',
    dimensions: 1,
    lines: ['create mapped hash:ip skbinfo', 'add mapped 10.1.7.1 skbmark 0x80/0x80'],
  },
]
