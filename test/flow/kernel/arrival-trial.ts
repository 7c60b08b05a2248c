import { lookUpRoute, worldOf } from '../../../src/facts/packet-world.ts'
import { type ForwardingVerdict, forwarding, type RouteLookup } from '../../../src/flow/hooks.ts'
import { walk } from '../../../src/flow/walk.ts'
import type { World } from '../../../src/flow/world.ts'
import type { Ruleset } from '../../../src/iptables/ruleset.ts'
import { factsOf } from '../../facts/facts-of.ts'
import { readValue } from '../../facts/read-value.ts'
import { type Counts, countsOf } from './counters.ts'
import type { Probe } from './directions.ts'
import { broadcastAddresses, translations } from './landscape.ts'
import type { RandomRuleset } from './random-ruleset.ts'
import type { Router } from './router-in-namespace.ts'
import { atOnce, type Disagreement, framesOf, lengthOf } from './trial.ts'

/*
 * The kernel and the product on the whole way of a packet, from the wire to the end of FORWARD. Compared are the rules
 * that decide or translate, of which no other may count the packet; those that mark it; and what it is like behind the
 * table filter, in the table security: its marks, its destination, its connection and where it leaves.
 */

/** Sends packets to PREROUTING through real tables and through the product, and gives back the first that differs. */
export async function tryArrivals(
  router: Router,
  ruleset: RandomRuleset,
  probes: readonly Probe[],
): Promise<Disagreement | undefined> {
  await router.run(`
    conntrack -F 2>/dev/null
    ${restored(opening)}
    ipset destroy list 2>/dev/null || :
    ipset destroy`)
  const openings = probes.flatMap((probe) => framesOf(probe.opening))
  router.send(openings)
  await arrived(router, openings.length)
  await router.run(`
    ipset -exist restore <<'END'
${ruleset.sets.flatMap(({ lines }) => lines).join('\n')}
END
    ${restored(ruleset)}`)
  const host = await readHost(router)
  let before = countsOf(await router.run('iptables-legacy-save -c'))
  for (let first = 0; first < probes.length; first += atOnce) {
    const batch = probes.slice(first, first + atOnce)
    router.send(batch.flatMap(({ sent }, at) => framesOf([sent], lengthOf(at))))
    const after = countsOf(await arrived(router, first + batch.length))
    for (const [at, probe] of batch.entries()) {
      const found = compare(probe, host, {
        saw: (name) => saw(name, at, before, after),
        sawAny: (name) => packetsOf(name, after) > packetsOf(name, before),
      })
      if (found) return found
    }
    before = after
  }
  return undefined
}

/** What the router does to the first packets of connections. */
const opening: RandomRuleset = {
  policy: 'ACCEPT',
  chains: [],
  rules: translations.map((rule) => `nat ${rule}`),
  sets: [],
}

/** All tables, for iptables-restore, with a rule before all others that counts what arrives. */
function restored({ policy, chains, rules }: RandomRuleset): string {
  const tables = ['raw', 'mangle', 'nat', 'filter', 'security'].map((table) => {
    const own = (lines: readonly string[]): readonly string[] =>
      lines
        .filter((line) => line.startsWith(`${table} `))
        .map((line) => line.slice(table.length + 1))
    return [
      `*${table}`,
      // What the router itself has to say would only disturb.
      ...(table === 'filter' ? [`:FORWARD ${policy} [0:0]`, ':OUTPUT DROP [0:0]'] : []),
      ...own(chains).map((chain) => `:${chain} - [0:0]`),
      ...(table === 'raw' ? ['-A PREROUTING -m comment --comment arrived'] : []),
      // Where no rule asks for connections, the kernel keeps none.
      ...(table === 'security' ? ['-A FORWARD -m conntrack --ctstate NEW'] : []),
      ...own(rules),
      'COMMIT',
    ].join('\n')
  })
  return `iptables-legacy-restore <<'END'\n${tables.join('\n')}\nEND`
}

/** The rules with their counters, as soon as that many packets have arrived and come to rest. */
async function arrived(router: Router, packets: number): Promise<string> {
  let last = ''
  for (let attempt = 0; attempt < 200; attempt++) {
    const text = await router.run("iptables-legacy-save -c | grep -v '^#'")
    const count = Number(
      /^\[(\d+):\d+\] -A PREROUTING -m comment --comment arrived/m.exec(text)?.[1],
    )
    if (count > packets) throw new Error(`${count} packets came, ${packets} were sent:\n${text}`)
    if (count === packets && text === last) return text
    last = text
  }
  throw new Error(`of ${packets} packets, some never arrived:\n${last}`)
}

interface Host {
  readonly ruleset: Ruleset
  readonly deciding: ReadonlySet<string>
  readonly world: World
  readonly lookUpRoute: (destination: string) => RouteLookup
}

/** The router as the product reads a host. */
async function readHost(router: Router): Promise<Host> {
  const commands = {
    network: 'ip -4 -o addr show; ip -4 -o route show; ip -o link show',
    rules: 'iptables-legacy-save',
    sets: 'ipset save',
    table: 'true',
    fingerprint: 'echo 0',
  }
  const script = Object.values(commands).join('; printf "\\001"; ')
  const texts = (await router.run(script)).split('\x01')
  const names = Object.keys(commands)
  const facts = factsOf(
    new Map(names.map((name, at) => [name, { text: texts[at] ?? '', code: 0 }])),
  )
  const state = readValue(facts.state)
  const network = readValue(facts.network)
  const world = { ...worldOf(network, state), broadcastAddresses }
  return {
    ruleset: state.ruleset,
    deciding: decisive(state.ruleset),
    world,
    lookUpRoute: lookUpRoute(network),
  }
}

/**
 * Whether a rule has counted the packet of this number: a packet's length is a power of two above a hundred. For rules
 * that a packet comes to only once.
 */
function saw(name: string, at: number, before: Counts, after: Counts): boolean {
  const packets = packetsOf(name, after) - packetsOf(name, before)
  const bytes = (after.get(name)?.bytes ?? 0) - (before.get(name)?.bytes ?? 0)
  return ((bytes - 100 * packets) & (1 << at)) !== 0
}

function packetsOf(name: string, counts: Counts): number {
  return counts.get(name)?.packets ?? 0
}

interface Kernel {
  readonly saw: (name: string) => boolean
  readonly sawAny: (name: string) => boolean
}

function compare(probe: Probe, host: Host, kernel: Kernel): Disagreement | undefined {
  const { ruleset, world, lookUpRoute } = host
  const { verdicts, certain } = forwarding(ruleset, probe.packet, world, lookUpRoute)
  const doubt = verdicts.flatMap(({ doubts }) => doubts)[0]
  const sure = certain && verdicts.length === 1 && !doubt
  if (!sure && !goesBack(probe)) return { probe, said: `in doubt at ${doubt?.rule.raw}`, saw: '' }
  const found = verdicts.map((one) => compareVerdict(probe, one, host, kernel))
  return found.includes(undefined) ? undefined : found[0]
}

/** Whether nobody can tell where it went on the wire; then one of its verdicts must be what became of it. */
function goesBack({ packet: { direction, snat } }: Probe): boolean {
  return direction === 'REPLY' && snat === true
}

function compareVerdict(
  probe: Probe,
  one: ForwardingVerdict,
  { ruleset, deciding, world }: Host,
  { saw, sawAny }: Kernel,
): Disagreement | undefined {
  const path = one.path.map(nameOf)
  const behind = seenBehind(one, ruleset, world)
  if (behind.doubt !== undefined && !goesBack(probe)) return { probe, said: behind.doubt, saw: '' }
  const marking = goesBack(probe) ? [] : one.marking.map(nameOf)
  const expected = new Set([...path, ...marking, ...behind.surely])
  if (one.by === 'policy' && one.at) {
    expected.add(`${one.at.table} ${one.at.chain} policy`)
  }
  // A packet may come to the others more than once, so that they do not tell one from another.
  const missing = [...expected].filter((name) => !(deciding.has(name) ? saw : sawAny)(name))
  const odd = [...deciding].filter(
    (name) => !expected.has(name) && !behind.perhaps.includes(name) && saw(name),
  )
  if (missing.length + odd.length === 0) return undefined
  return {
    probe,
    said: `${one.verdict.kind} by ${one.by}: ${[...expected].join(', ')}`,
    saw: [
      ...odd.map((name) => `more at ${name}`),
      ...missing.map((name) => `fewer at ${name}`),
    ].join(', '),
  }
}

function nameOf({
  table,
  chain,
  number,
}: {
  table: string
  chain: string
  number: number
}): string {
  return `${table} ${chain} ${number}`
}

/** The counters that tell what became of a packet: they must see it only where they are expected to. */
function decisive(ruleset: Ruleset): ReadonlySet<string> {
  const ending = /^(DROP|REJECT|DNAT|NETMAP|REDIRECT)$/
  const rules = [...ruleset.tables].flatMap(([table, chains]) =>
    [...chains.values()].flatMap(({ name, rules }) =>
      rules.flatMap(({ target }, at) => {
        const decides =
          table === 'security' ||
          ending.test(target?.name ?? '') ||
          (table === 'filter' && target?.name === 'ACCEPT')
        return decides ? [nameOf({ table, chain: name, number: at + 1 })] : []
      }),
    ),
  )
  return new Set(['filter FORWARD policy', ...rules])
}

interface Behind {
  readonly surely: readonly string[]
  readonly perhaps: readonly string[]
  /** A sentence, if the product cannot tell what it should. */
  readonly doubt?: string
}

/** The rules of security that a packet with this one meets. */
function seenBehind(one: ForwardingVerdict, ruleset: Ruleset, world: World): Behind {
  const { kind } = one.verdict
  if (kind !== 'accept' && kind !== 'local') return { surely: [], perhaps: [] }
  // To which of the router's addresses REDIRECT sends it, the product does not say.
  const redirected = kind === 'local' && one.by === 'rule'
  const moved = { destination: undefined, destinationPort: undefined, dnat: undefined }
  const packet = redirected ? { ...one.packet, ...moved } : one.packet
  const chain = kind === 'accept' ? 'FORWARD' : 'INPUT'
  const { matched } = walk(ruleset, 'security', chain, packet, world)
  const doubt = matched.find(({ match }) => match === 'maybe')
  const named = (wanted: 'yes' | 'maybe'): readonly string[] =>
    matched
      .filter(({ match }) => match === wanted)
      .map((one) => nameOf({ ...one, table: 'security' }))
  return {
    surely: named('yes'),
    perhaps: named('maybe'),
    ...(doubt && !redirected ? { doubt: `in doubt at ${doubt.rule.raw}` } : {}),
  }
}
