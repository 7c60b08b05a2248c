import type { Random } from '../../random.ts'
import { interfaces, markBits } from './landscape.ts'
import { type Place, randomMatches } from './random-match.ts'
import { changedSets, passingChains, passingTarget } from './random-passing.ts'
import { connmark, mark, type RandomRuleset, randomTarget, type Target } from './random-ruleset.ts'
import { randomSets } from './random-set.ts'

/** Makes rules for every chain from the wire to the end of FORWARD; each line with its table before it. */
export function randomTables(random: Random): RandomRuleset {
  const sets = randomSets(random)
  // A rule of raw that leaves a template, or rules that ask for the connection there; never both.
  const templates = random.chance(0.4)
  const chains: string[] = []
  const rules: string[] = []
  const add = (table: string, rule: string): void => void rules.push(`${table} ${rule}`)
  for (const table of ['raw', 'mangle', 'nat', 'filter']) {
    for (const chain of [...passingChains(table), ...(helpers[table] ?? [])]) {
      chains.push(`${table} ${chain.name}`)
      for (const rule of chain.rules) add(table, rule)
    }
  }
  for (const { table, hook, prefix } of hooks) {
    const own = Array.from({ length: random.below(4) }, (_, i) => `${prefix}${i}`)
    chains.push(...own.map((chain) => `${table} ${chain}`))
    for (const [at, chain] of [hook, ...own].entries()) {
      const connection = table !== 'raw' || !templates
      const place: Place = { table, hook, top: at === 0, connection, routed: true }
      const count = at === 0 ? 3 + random.below(6) : random.below(5)
      for (let i = 0; i < count; i++) {
        const target = targetOf(random, place, own.slice(at))
        add(table, ['-A', chain, ...randomMatches(random, sets, place), ...target].join(' '))
      }
    }
  }
  for (const rule of ends) add('security', rule)
  return { policy: random.pick(['ACCEPT', 'DROP']), chains, rules, sets: [...sets, ...changedSets] }
}

const hooks = [
  { table: 'raw', hook: 'PREROUTING', prefix: 'R' },
  { table: 'mangle', hook: 'PREROUTING', prefix: 'P' },
  { table: 'nat', hook: 'PREROUTING', prefix: 'N' },
  { table: 'mangle', hook: 'FORWARD', prefix: 'F' },
  { table: 'filter', hook: 'FORWARD', prefix: 'C' },
] as const

function targetOf(random: Random, place: Place, below: readonly string[]): readonly string[] {
  const [first, ...rest] = below
  if (place.table === 'filter') return randomTarget(random, below)
  if (first && random.chance(0.35)) {
    return [random.pick(['-j', '-j', '-g']), random.pick([first, ...rest])]
  }
  const common = random.chance(0.5) || !place.connection
  if (common) return random.pick(anywhere)(random, place)
  return random.pick(own[place.table] ?? anywhere)(random, place)
}

type Placed = (random: Random, place: Place) => readonly string[]

const anywhere: readonly [Placed, ...Placed[]] = [
  () => [],
  () => ['-j', 'ACCEPT'],
  () => ['-j', 'RETURN'],
  mark,
  mark,
  (random, place) => passingTarget(random, place.table, place.hook),
  (random, place) => passingTarget(random, place.table, place.hook),
  // Only where raw leaves templates, and there only in raw.
  (random, { connection }) => (connection ? mark(random) : template(random)),
  (random, { connection }) => (connection ? mark(random) : template(random)),
  (random, { table }) => (table === 'raw' ? untrack(random) : connmark(random)),
]

const template: Target = (random) =>
  random.pick([
    ['-j', 'CT', '--ctevents', 'new,destroy'],
    ['-j', 'CT', '--expevents', 'new'],
    ['-j', 'CT', '--zone', '0'],
    ['-j', 'ZONED'],
  ])

const untrack: Target = (random) =>
  random.pick([
    ['-j', 'CT', '--notrack'],
    ['-j', 'NOTRACK'],
  ])

const own: Readonly<Record<string, readonly [Placed, ...Placed[]]>> = {
  raw: [untrack, connmark, mark, () => ['-j', 'DROP']],
  mangle: [mark, connmark, connmark, () => ['-j', 'DROP']],
  nat: [
    connmark,
    ...['POD0', 'POD1', 'NODE', 'HERE', 'PLAIN'].map((chain) => () => ['-j', chain]),
    (random) => ['-j', 'DNAT', '--to-destination', random.pick(['10.3.9.77', '10.4.9.1'])],
    () => ['-j', 'REDIRECT'],
    () => ['-j', 'NETMAP', '--to', '10.4.9.0/24'],
  ],
}

/** Chains that the table raw or nat jumps to, for what takes a protocol. Connections to start in another zone are of ESP. */
const helpers: Readonly<Record<string, readonly { name: string; rules: readonly string[] }[]>> = {
  raw: [{ name: 'ZONED', rules: ['-A ZONED -p esp -j CT --zone 7'] }],
  nat: [
    chainTo('POD0', '10.3.9.2:8080', '10.3.9.2'),
    chainTo('POD1', '10.4.9.2', '10.4.9.77'),
    chainTo('NODE', '10.2.0.1:22', '10.6.9.9'),
    chainTo('PLAIN', ':30001', undefined),
    {
      name: 'HERE',
      rules: ['-A HERE -p tcp -j REDIRECT --to-ports 15001', '-A HERE -p udp -j REDIRECT'],
    },
  ],
}

function chainTo(
  name: string,
  tcp: string,
  others: string | undefined,
): { name: string; rules: readonly string[] } {
  return {
    name,
    rules: [
      `-A ${name} -p tcp -j DNAT --to-destination ${tcp}`,
      ...(others ? [`-A ${name} ! -p icmp -j DNAT --to-destination ${others}`] : []),
    ],
  }
}

/** What the packet is like when filter is behind it, forwarded or for the router itself, in the table after that. */
const ends: readonly string[] = ['FORWARD', 'INPUT'].flatMap((chain) =>
  [
    ...markBits.flatMap((bit) => [
      `-m mark --mark ${bit}/${bit}`,
      `-m connmark --mark ${bit}/${bit}`,
    ]),
    ...['10.3.9.1', '10.3.9.2', '10.3.9.77', '10.4.9.1', '10.4.9.2', '10.4.9.77', '10.2.0.1'].map(
      (address) => `-d ${address}`,
    ),
    ...[22, 53, 80, 443, 8080, 30001].map((port) => `-p tcp -m tcp --dport ${port}`),
    ...['NEW', 'ESTABLISHED', 'INVALID', 'UNTRACKED', 'DNAT'].map(
      (state) => `-m conntrack --ctstate ${state}`,
    ),
    '-m conntrack --ctorigdst 10.43.0.0/16',
    '-m conntrack --ctreplsrc 10.3.0.0/16',
    ...(chain === 'FORWARD' ? interfaces.map(({ name }) => `-o ${name}`) : []),
  ].map((rule) => `-A ${chain} ${rule}`),
)
