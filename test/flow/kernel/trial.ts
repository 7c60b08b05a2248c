import { walk } from '../../../src/flow/walk.ts'
import type { World } from '../../../src/flow/world.ts'
import { parseSets } from '../../../src/ipset/sets.ts'
import { parseRuleset, type Ruleset } from '../../../src/iptables/ruleset.ts'
import { type Counts, countsOf } from './counters.ts'
import type { Probe, Sent } from './directions.ts'
import { frameOf } from './frames.ts'
import { broadcastAddresses, localAddresses } from './landscape.ts'
import type { RandomRuleset } from './random-ruleset.ts'
import type { Router } from './router-in-namespace.ts'

/** What the walk said of one packet, and where the kernel saw otherwise. */
export interface Disagreement {
  readonly probe: Probe
  readonly said: string
  readonly saw: string
}

/**
 * How many packets can be told apart by one look at the counters: each has a length of 100 and a power of two, so the
 * bytes of a rule tell which packets it met.
 */
export const atOnce = 15

/** Sends packets through a real ruleset and through the walk, and gives back the first on which they do not agree. */
export async function tryPackets(
  router: Router,
  ruleset: RandomRuleset,
  probes: readonly Probe[],
): Promise<Disagreement | undefined> {
  await clear(router)
  router.send(probes.flatMap(({ opening }) => framesOf(opening)))
  await saved(router, probes.flatMap(({ opening }) => opening).length)
  await load(router, ruleset)
  let before: Counts = new Map()
  const world = await readWorld(router)
  for (let first = 0; first < probes.length; first += atOnce) {
    const batch = probes.slice(first, first + atOnce)
    router.send(batch.flatMap(({ sent }, at) => framesOf([sent], lengthOf(at))))
    const text = await saved(router, first + batch.length)
    const after = countsOf(text)
    const found = compare(batch, parseRuleset(text), world, before, after)
    if (found) return found
    before = after
  }
  return undefined
}

/** Datagrams as frames for the wire, of a length that no counter takes for another packet's. */
export function framesOf(sent: readonly Sent[], length = 100): readonly Buffer[] {
  return sent.map(({ link, datagram }) => frameOf(link, datagram, length))
}

/** The length of a packet in its batch. */
export function lengthOf(at: number): number {
  return 100 + 2 ** at
}

/** Lets everything through, as a router that has just started. */
async function clear(router: Router): Promise<void> {
  await router.run(`
    conntrack -F 2>/dev/null
    iptables-legacy-restore <<'END'
*filter
:FORWARD ACCEPT [0:0]
-A FORWARD -m comment --comment arrived
COMMIT
END
    ipset destroy list 2>/dev/null || :
    ipset destroy`)
}

async function load(router: Router, { policy, chains, rules, sets }: RandomRuleset): Promise<void> {
  await router.run(`
    ipset -exist restore <<'END'
${sets.flatMap(({ lines }) => lines).join('\n')}
END
    iptables-legacy-restore <<'END'
*filter
:FORWARD ${policy} [0:0]
${chains.map((chain) => `:${chain} - [0:0]\n`).join('')}-A FORWARD -m comment --comment arrived
${rules.join('\n')}
COMMIT
END`)
}

async function readWorld(router: Router): Promise<World> {
  return { sets: parseSets(await router.run('ipset save')), localAddresses, broadcastAddresses }
}

/** The ruleset with its counters, as soon as that many packets have come to FORWARD. */
async function saved(router: Router, packets: number): Promise<string> {
  let text = ''
  for (let attempt = 0; attempt < 100; attempt++) {
    text = await router.run('iptables-legacy-save -c -t filter')
    const count = Number(/^\[(\d+):\d+\] -A FORWARD -m comment --comment arrived/m.exec(text)?.[1])
    if (count === packets) return text
    if (count > packets) throw new Error(`${count} packets came, ${packets} were sent:\n${text}`)
  }
  throw new Error(`of ${packets} packets, some never came to FORWARD:\n${text}`)
}

function compare(
  batch: readonly Probe[],
  ruleset: Ruleset,
  world: World,
  before: Counts,
  after: Counts,
): Disagreement | undefined {
  const expected = new Map<string, { packets: number; bytes: number }>()
  const said = batch.map(({ packet }, at) => {
    const { matched, verdicts, certain } = walk(ruleset, 'filter', 'FORWARD', packet, world)
    const names = matched.map(({ chain, number }) => `filter ${chain} ${number}`)
    const [first] = verdicts
    const doubt = matched.find(({ match }) => match === 'maybe')
    if (first && !/(ACCEPT|DROP|REJECT)$/.test(first.path.at(-1)?.rule.target?.name ?? '')) {
      names.push('filter FORWARD policy')
    }
    for (const name of names) {
      const count = expected.get(name) ?? { packets: 0, bytes: 0 }
      count.packets++
      count.bytes += lengthOf(at)
      expected.set(name, count)
    }
    return { names, doubt: certain && !doubt ? undefined : `in doubt at ${doubt?.rule.raw}` }
  })
  for (const [at, { doubt }] of said.entries()) {
    const probe = batch[at]
    if (doubt && probe) return { probe, said: doubt, saw: '' }
  }
  const wrong = [...after].flatMap(([name, { packets, bytes }]) => {
    // What the router itself hears and says is not asked about.
    if (/ (INPUT|OUTPUT) policy$/.test(name)) return []
    const old = before.get(name) ?? { packets: 0, bytes: 0 }
    const wanted = expected.get(name) ?? { packets: 0, bytes: 0 }
    const [sawPackets, sawBytes] = [packets - old.packets, bytes - old.bytes]
    if (sawPackets === wanted.packets && sawBytes === wanted.bytes) return []
    const odd = (sawBytes - 100 * sawPackets) ^ (wanted.bytes - 100 * wanted.packets)
    return [{ name, odd, more: sawPackets > wanted.packets }]
  })
  const at = wrong.map(({ odd }) => 31 - Math.clz32(odd & -odd)).find((one) => one in batch)
  const probe = batch[at ?? 0]
  if (wrong.length === 0 || !probe) return undefined
  return {
    probe,
    said: said[at ?? 0]?.names.join(', ') ?? '',
    saw: wrong.map(({ name, more }) => `${more ? 'more' : 'fewer'} at ${name}`).join(', '),
  }
}
