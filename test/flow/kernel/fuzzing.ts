import { makeRandom, type Random } from '../../random.ts'
import { arrivalProbe } from './arrival-probe.ts'
import { tryArrivals } from './arrival-trial.ts'
import type { Probe } from './directions.ts'
import { surroundings } from './landscape.ts'
import { randomProbe } from './probe.ts'
import { type RandomRuleset, randomRuleset } from './random-ruleset.ts'
import { randomTables } from './random-tables.ts'
import { type Router, startRouter } from './router-in-namespace.ts'
import { type Disagreement, tryPackets } from './trial.ts'

/** What came of a run: how much was compared, and the first thing on which walk and kernel do not agree. */
export interface Report {
  readonly rulesets: number
  readonly packets: number
  readonly disagreement: string | undefined
}

const perRuleset = 45

/** What is compared with the kernel. */
export interface Comparison {
  /** The tables of the router to begin with. */
  readonly tables: string
  ruleset(random: Random): RandomRuleset
  probe(random: Random, taken: Set<string>, ruleset: RandomRuleset): Probe
  attempt(
    router: Router,
    ruleset: RandomRuleset,
    probes: readonly Probe[],
  ): Promise<Disagreement | undefined>
}

/** The walk through FORWARD of filter, rule by rule, with packets that are marked and translated before. */
export const walks: Comparison = {
  tables: surroundings,
  ruleset: randomRuleset,
  probe: randomProbe,
  attempt: tryPackets,
}

/** The whole way of a packet from the wire, as placement and `trace` see it. */
export const arrivals: Comparison = {
  tables: '',
  ruleset: randomTables,
  probe: (random, taken, { rules }) => arrivalProbe(random, taken, rules),
  attempt: tryArrivals,
}

/** Compares with the kernel for as many packets, with a new ruleset every few. The same seed does the same. */
export async function compareWithKernel(
  comparison: Comparison,
  seed: number,
  packets: number,
  progress: (done: number) => void = () => {},
): Promise<Report> {
  const router = await startRouter(comparison.tables)
  try {
    let done = 0
    let rulesets = 0
    while (done < packets) {
      const random = makeRandom(seed + rulesets++)
      const ruleset = comparison.ruleset(random)
      const taken = new Set<string>()
      const probes = Array.from({ length: perRuleset }, () =>
        comparison.probe(random, taken, ruleset),
      )
      const attempt: Attempt = (rules, some) => comparison.attempt(router, rules, some)
      const found = await attempt(ruleset, probes)
      done += probes.length
      if (found) {
        const disagreement = await told(attempt, ruleset, found)
        return { rulesets, packets: done, disagreement }
      }
      progress(done)
    }
    return { rulesets, packets: done, disagreement: undefined }
  } finally {
    router.stop()
  }
}

type Attempt = (
  ruleset: RandomRuleset,
  probes: readonly Probe[],
) => Promise<Disagreement | undefined>

/** The disagreement in words, with only those rules that it takes. */
async function told(
  attempt: Attempt,
  ruleset: RandomRuleset,
  found: Disagreement,
): Promise<string> {
  const alone = await attempt(ruleset, [found.probe])
  const small = alone ? await smaller(attempt, ruleset, found.probe) : ruleset
  const last = (alone && (await attempt(small, [found.probe]))) ?? found
  const named = small.sets.filter(({ name }) =>
    small.rules.some((rule) => rule.includes(` ${name} `)),
  )
  return [
    ...(named.some(({ name }) => name === 'list') ? small.sets : named).flatMap(
      ({ lines }) => lines,
    ),
    `-P FORWARD ${small.policy}`,
    // The trial itself puts a counting rule first, so FORWARD of the walks, and PREROUTING of raw, begin with 2.
    ...small.rules,
    `packet: ${JSON.stringify(found.probe.packet)}`,
    `sent: ${JSON.stringify(found.probe.sent)}`,
    `the walk says: ${last.said}`,
    `the kernel counts: ${last.saw || '(not asked)'}`,
  ].join('\n')
}

/** Leaves rules out, one after another, as long as the two still do not agree. */
async function smaller(
  attempt: Attempt,
  ruleset: RandomRuleset,
  probe: Probe,
): Promise<RandomRuleset> {
  let small = ruleset
  for (const rule of ruleset.rules.toReversed()) {
    const without = { ...small, rules: small.rules.filter((one) => one !== rule) }
    if (await attempt(without, [probe])) small = without
  }
  return small
}
