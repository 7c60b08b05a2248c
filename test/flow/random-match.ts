import { connmarks, interfaces, markBits, marks } from './landscape.ts'
import type { Random } from './random.ts'
import { not, protocolMatch } from './random-protocol.ts'
import { address, network, type RandomSet } from './random-set.ts'

/** Words of a rule's conditions: any that the walk claims to know, of which iptables takes this combination. */
export function randomMatches(random: Random, sets: readonly RandomSet[]): readonly string[] {
  const words = [...plain(random), ...(random.chance(0.4) ? protocolMatch(random) : [])]
  const count = random.pick([0, 0, 1, 1, 1, 2, 3])
  // Like modules beside each other: iptables 1.8.9 takes no `-m mark … -m connmark … -m mark …`.
  const found = Array.from({ length: count }, () => random.pick(modules)(random, sets))
  return [...words, ...found.toSorted(([, a = ''], [, b = '']) => a.localeCompare(b)).flat()]
}

function plain(random: Random): readonly string[] {
  const found: string[] = []
  if (random.chance(0.15)) found.push(...not(random), '-s', network(random))
  const destination = random.chance(0.2) ? '10.0.9.1/255.0.255.255' : network(random)
  if (random.chance(0.15)) found.push(...not(random), '-d', destination)
  if (random.chance(0.15)) found.push(...not(random), '-i', interfaceName(random))
  if (random.chance(0.15)) found.push(...not(random), '-o', interfaceName(random))
  return found
}

function interfaceName(random: Random): string {
  return random.pick([random.pick(interfaces).name, 'in+', 'out+', 'o+', 'in', 'in00', 'eth+'])
}

const states = ['NEW', 'ESTABLISHED', 'RELATED', 'INVALID', 'UNTRACKED'] as const
const types = ['LOCAL', 'UNICAST', 'MULTICAST', 'BROADCAST'] as const

const modules: readonly [Module, ...Module[]] = [
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
  (random) => ['-m', 'mark', ...not(random), '--mark', markTest(random)],
  (random) => ['-m', 'mark', ...not(random), '--mark', markTest(random)],
  (random) => ['-m', 'connmark', ...not(random), '--mark', markTest(random)],
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
]

type Module = (random: Random, sets: readonly RandomSet[]) => readonly string[]

function conntrack(random: Random): readonly string[] {
  return random.pick([
    [...not(random), '--ctorigdst', network(random)],
    ['--ctorigdstport', random.pick(['80', '443', '1:1024'])],
    [...not(random), '--ctorigdst', random.pick(['10.43.0.0/16', '10.43.0.1', '10.3.0.0/16'])],
    ['--ctdir', random.pick(['ORIGINAL', 'REPLY'])],
  ])
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
