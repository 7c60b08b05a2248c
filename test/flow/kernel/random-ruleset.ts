import type { Random } from '../../random.ts'
import { markBits } from './landscape.ts'
import { bitsOf, type Place, randomMatches } from './random-match.ts'
import { changedSets, passingChains, passingTarget } from './random-passing.ts'
import { type RandomSet, randomSets } from './random-set.ts'

/** A ruleset to load: `rules` are lines `-A CHAIN …`, of the filter table unless another one's name stands before. */
export interface RandomRuleset {
  readonly policy: 'ACCEPT' | 'DROP'
  readonly chains: readonly string[]
  readonly rules: readonly string[]
  readonly sets: readonly RandomSet[]
}

/** Makes chains that jump and go to each other, never in a circle, with rules that the walk claims to know. */
export function randomRuleset(random: Random): RandomRuleset {
  const sets = randomSets(random)
  const chains = Array.from({ length: random.below(7) }, (_, i) => `C${i}`)
  const rules = ['FORWARD', ...chains].flatMap((chain, at) => {
    const count = at === 0 ? 4 + random.below(8) : random.below(7)
    return Array.from({ length: count }, () => {
      const target = randomTarget(random, chains.slice(at))
      const place: Place = {
        ...{ table: 'filter', hook: 'FORWARD', top: at === 0 },
        ...{ connection: true, routed: false },
      }
      return ['-A', chain, ...randomMatches(random, sets, place), ...target].join(' ')
    })
  })
  // What is left of the marks of a packet that no rule took.
  const ends = markBits.flatMap((bit) => [
    `-A FORWARD -m mark --mark ${bit}/${bit}`,
    `-A FORWARD -m connmark --mark ${bit}/${bit}`,
  ])
  const passing = passingChains('filter')
  return {
    policy: random.pick(['ACCEPT', 'DROP']),
    chains: [...chains, ...passing.map(({ name }) => name)],
    rules: [...passing.flatMap((chain) => chain.rules), ...rules, ...ends],
    sets: [...sets, ...changedSets],
  }
}

/** Words of a target of the filter table: one that the walk knows, or a chain of those below. */
export function randomTarget(random: Random, below: readonly string[]): readonly string[] {
  const [first, ...rest] = below
  if (first && random.chance(0.35))
    return [random.pick(['-j', '-j', '-g']), random.pick([first, ...rest])]
  return random.pick(targets)(random)
}

export type Target = (random: Random) => readonly string[]

export const mark: Target = (random) => ['-j', 'MARK', ...change(random)]

export const connmark: Target = (random) => [
  '-j',
  'CONNMARK',
  ...(random.chance(0.5) ? copy(random) : change(random)),
]

const targets: readonly [Target, ...Target[]] = [
  () => [],
  () => ['-j', 'ACCEPT'],
  () => ['-j', 'ACCEPT'],
  () => ['-j', 'DROP'],
  (random) => ['-j', 'REJECT', ...random.pick([[], ['--reject-with', 'icmp-admin-prohibited']])],
  () => ['-j', 'RETURN'],
  () => ['-j', 'RETURN'],
  mark,
  mark,
  mark,
  connmark,
  connmark,
  (random) => passingTarget(random, 'filter', 'FORWARD'),
  (random) => passingTarget(random, 'filter', 'FORWARD'),
]

function change(random: Random): readonly string[] {
  const option = random.pick(['--set-mark', '--set-xmark', '--and-mark', '--or-mark', '--xor-mark'])
  const value = `0x${bitsOf(random).toString(16)}`
  const masked = option.startsWith('--set') && random.chance(0.7)
  return [option, masked ? `${value}/0x${bitsOf(random).toString(16)}` : value]
}

function copy(random: Random): readonly string[] {
  const direction = random.pick(['--save-mark', '--restore-mark'])
  if (random.chance(0.3)) return [direction]
  if (random.chance(0.3)) return [direction, '--mask', `0x${bitsOf(random).toString(16)}`]
  return [
    direction,
    '--nfmask',
    `0x${bitsOf(random).toString(16)}`,
    '--ctmask',
    `0x${bitsOf(random).toString(16)}`,
  ]
}
