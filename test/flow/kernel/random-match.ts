import type { Random } from '../../random.ts'
import { connmarks, interfaces, markBits, marks } from './landscape.ts'
import { not, protocolMatch } from './random-protocol.ts'
import { address, network, type RandomSet } from './random-set.ts'

/** Where a rule stands that is to have conditions. */
export interface Place {
  readonly table: string
  readonly hook: 'PREROUTING' | 'FORWARD'
  /** Whether it stands in the built-in chain itself. */
  readonly top: boolean
  /** Whether it may ask for the connection: of a template that the table raw leaves, the walk knows nothing. */
  readonly connection: boolean
  /** Whether every packet there is routed: of a frame that a bridge passes on, the walk does not know to whom it was sent. */
  readonly routed: boolean
}

/** Words of a rule's conditions: any that the walk claims to know, of which iptables takes this combination. */
export function randomMatches(
  random: Random,
  sets: readonly RandomSet[],
  place: Place,
): readonly string[] {
  const words = [...plain(random, place), ...(random.chance(0.4) ? protocolMatch(random) : [])]
  const count = random.pick([0, 0, 1, 1, 1, 2, 3])
  // Like modules beside each other: iptables 1.8.9 takes no `-m mark … -m connmark … -m mark …`.
  const [first, ...rest] = place.connection ? modules : modules.filter(asksNoConnection)
  const early = place.hook === 'PREROUTING' && /^(raw|mangle)$/.test(place.table)
  const pool = [
    first ?? matchSet,
    ...rest,
    ...(early ? [rpfilter, rpfilter] : []),
    ...(place.routed ? [pkttype] : []),
  ] as const
  const found = Array.from({ length: count }, () => random.pick(pool)(random, sets))
  return [...words, ...found.toSorted(([, a = ''], [, b = '']) => a.localeCompare(b)).flat()]
}

function plain(random: Random, { hook, top }: Place): readonly string[] {
  const found: string[] = []
  if (random.chance(0.15)) found.push(...not(random), '-s', network(random))
  const destination = random.chance(0.2) ? '10.0.9.1/255.0.255.255' : network(random)
  if (random.chance(0.15)) found.push(...not(random), '-d', destination)
  if (random.chance(0.15)) found.push(...not(random), '-i', interfaceName(random))
  const exits = hook === 'FORWARD' || !top
  if (exits && random.chance(0.15)) found.push(...not(random), '-o', interfaceName(random))
  return found
}

function interfaceName(random: Random): string {
  return random.pick([random.pick(interfaces).name, 'in+', 'out+', 'o+', 'in', 'in00', 'eth+'])
}

const states = ['NEW', 'ESTABLISHED', 'RELATED', 'INVALID', 'UNTRACKED'] as const
const types = ['LOCAL', 'UNICAST', 'MULTICAST', 'BROADCAST'] as const

const ofConnection: readonly Module[] = [
  (random) => [
    '-m',
    'conntrack',
    ...not(random),
    '--ctstate',
    random.some([...states, 'SNAT', 'DNAT'], 3).join(),
  ],
  (random) => [
    '-m',
    'conntrack',
    '--ctstate',
    random.some([...states, 'DNAT'], 4).join(),
    ...conntrack(random),
  ],
  (random) => ['-m', 'conntrack', ...conntrack(random)],
  connectionEnds,
  connectionEnds,
  // Who the ends of a related connection are, a packet does not tell.
  (random) => [
    ...[
      '-m',
      'conntrack',
      '!',
      '--ctstate',
      random.pick(['RELATED', 'RELATED,NEW']),
      ...not(random),
    ],
    random.pick(['--ctorigsrc', '--ctreplsrc']),
    network(random),
  ],
  (random) => ['-m', 'state', ...not(random), '--state', random.some(states, 3).join()],
  (random) => ['-m', 'connmark', ...not(random), '--mark', markTest(random)],
  // Of a connection that is open, the walk does not know whether it belongs to another one.
  (random) => [
    ...['-m', 'conntrack', '--ctstate', random.some(['NEW', 'INVALID', 'UNTRACKED'], 2).join()],
    ...['-m', 'helper', ...not(random), '--helper', 'ftp'],
  ],
]

const modules: readonly [Module, ...Module[]] = [
  physdev,
  (random) => ['-m', 'policy', '--dir', 'in', '--pol', random.pick(['none', 'ipsec'])],
  (random) => ['-m', 'policy', '--dir', 'in', '--pol', 'ipsec', ...not(random), '--reqid', '1'],
  () => ['-m', 'nfacct', '--nfacct-name', 'seen'],
  (random) => ['-m', 'mark', ...not(random), '--mark', markTest(random)],
  (random) => ['-m', 'mark', ...not(random), '--mark', markTest(random)],
  matchSet,
  matchSet,
  matchSet,
  (random) => [
    '-m',
    'addrtype',
    ...not(random),
    random.pick(['--src-type', '--dst-type']),
    random.some(types, 2).join(),
  ],
  (random) => [
    '-m',
    'iprange',
    ...not(random),
    random.pick(['--src-range', '--dst-range']),
    addressRange(random),
  ],
  (random) => [
    '-m',
    'comment',
    '--comment',
    random.pick(['"a \\"b\\" \\\\ c"', '"-j DROP"', '"!"', 'plain', '"cali:x-_"']),
  ],
  ...ofConnection,
]

function asksNoConnection(module: Module): boolean {
  return !ofConnection.includes(module)
}

function pkttype(random: Random): readonly string[] {
  const type = random.pick(['unicast', 'broadcast', 'multicast'])
  return ['-m', 'pkttype', ...not(random), '--pkt-type', type]
}

function rpfilter(random: Random): readonly string[] {
  const flags = ['--loose', '--validmark', '--accept-local', '--invert']
  return ['-m', 'rpfilter', ...flags.filter(() => random.chance(0.3))]
}

type Module = (random: Random, sets: readonly RandomSet[]) => readonly string[]

function conntrack(random: Random): readonly string[] {
  return random.pick([
    [...not(random), '--ctorigdst', network(random)],
    [...not(random), '--ctorigdstport', random.pick(['80', '443', '1:1024'])],
    [...not(random), '--ctorigdst', random.pick(['10.43.0.0/16', '10.43.0.1', '10.3.0.0/16'])],
    ['--ctdir', random.pick(['ORIGINAL', 'REPLY'])],
    [...not(random), '--ctstatus', 'NONE'],
  ])
}

/**
 * Questions that the walk answers only where something else leaves out the packets of which it does not know: a related
 * one belongs to another connection, and of one with a translated source it is not told to what.
 */
function connectionEnds(random: Random): readonly string[] {
  const own = random.pick([
    ['!', '--ctstate', random.pick(['RELATED', 'RELATED,INVALID'])],
    ['--ctstate', random.some(['NEW', 'ESTABLISHED', 'INVALID', 'UNTRACKED'], 3).join()],
    ['--ctdir', 'ORIGINAL'],
  ])
  const asked = random.pick(['--ctreplsrc', '--ctorigsrc', '--ctstatus'])
  if (random.chance(0.7)) {
    const value = asked === '--ctstatus' ? 'SEEN_REPLY' : network(random)
    return ['-m', 'conntrack', ...own, ...not(random), asked, value]
  }
  const plain = ['!', '--ctstate', random.pick(['RELATED,SNAT', 'RELATED,SNAT,NEW'])]
  return ['-m', 'conntrack', ...plain, ...not(random), '--ctrepldst', network(random)]
}

/** Of a routed packet the walk does not know whether a port of a bridge brought it, so that is asked of bridged ones. */
function physdev(random: Random): readonly string[] {
  const bridged = ['--physdev-is-bridged']
  return [
    '-m',
    'physdev',
    ...random.pick([
      [...not(random), ...bridged],
      [...not(random), '--physdev-is-out'],
      [...bridged, ...not(random), '--physdev-is-in'],
      [...bridged, ...not(random), '--physdev-is-in', ...not(random), '--physdev-is-out'],
    ]),
  ]
}

function matchSet(random: Random, sets: readonly RandomSet[]): readonly string[] {
  const [first, ...rest] = sets
  if (!first) return []
  const set = random.pick([first, ...rest])
  const wanted = random.chance(0.2) ? random.pick([1, 2, 3]) : set.dimensions
  const sides = Array.from({ length: wanted }, () => random.pick(['src', 'dst']))
  return ['-m', 'set', ...not(random), '--match-set', set.name, sides.join()]
}

function addressRange(random: Random): string {
  const [low = '', high = ''] = [address(random), address(random)].toSorted(
    (a, b) => number(a) - number(b),
  )
  return `${low}-${high}`
}

function number(dotted: string): number {
  return dotted.split('.').reduce((value, part) => value * 256 + Number(part), 0)
}

function markTest(random: Random): string {
  const value = random.pick([random.pick(markBits), random.pick(marks), random.pick(connmarks), 0])
  if (random.chance(0.2)) return `0x${value.toString(16)}`
  const mask = random.chance(0.15) ? bitsOf(random) : (value | bitsOf(random)) >>> 0
  return `0x${value.toString(16)}/0x${mask.toString(16)}`
}

/** Some of the bits that marks have. */
export function bitsOf(random: Random): number {
  return random.some(markBits, 3).reduce((bits, bit) => bits | bit, 0) >>> 0
}
