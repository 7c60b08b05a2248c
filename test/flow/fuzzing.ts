import type { Probe } from './directions.ts'
import { randomProbe } from './probe.ts'
import { makeRandom } from './random.ts'
import { type RandomRuleset, randomRuleset } from './random-ruleset.ts'
import { type Router, startRouter } from './router-in-namespace.ts'
import { type Disagreement, tryPackets } from './trial.ts'

/** What came of a run: how much was compared, and the first thing on which walk and kernel do not agree. */
export interface Report {
  readonly rulesets: number
  readonly packets: number
  readonly disagreement: string | undefined
}

const perRuleset = 45

/** Compares the walk with the kernel for as many packets, with a new ruleset every few. The same seed does the same. */
export async function compareWithKernel(
  seed: number,
  packets: number,
  progress: (done: number) => void = () => {},
): Promise<Report> {
  const router = await startRouter()
  try {
    let done = 0
    let rulesets = 0
    while (done < packets) {
      const random = makeRandom(seed + rulesets++)
      const ruleset = randomRuleset(random)
      const taken = new Set<string>()
      const probes = Array.from({ length: perRuleset }, () => randomProbe(random, taken))
      const found = await tryPackets(router, ruleset, probes)
      done += probes.length
      if (found) {
        const disagreement = await told(router, ruleset, found)
        return { rulesets, packets: done, disagreement }
      }
      progress(done)
    }
    return { rulesets, packets: done, disagreement: undefined }
  } finally {
    router.stop()
  }
}

/** The disagreement in words, with only those rules that it takes. */
async function told(router: Router, ruleset: RandomRuleset, found: Disagreement): Promise<string> {
  const alone = await tryPackets(router, ruleset, [found.probe])
  const small = alone ? await smaller(router, ruleset, found.probe) : ruleset
  const last = (alone && (await tryPackets(router, small, [found.probe]))) ?? found
  const named = small.sets.filter(({ name }) =>
    small.rules.some((rule) => rule.includes(` ${name} `)),
  )
  return [
    ...(named.some(({ name }) => name === 'list') ? small.sets : named).flatMap(
      ({ lines }) => lines,
    ),
    `-P FORWARD ${small.policy}`,
    // The trial itself puts a counting rule first, so these begin with FORWARD 2.
    ...small.rules,
    `packet: ${JSON.stringify(found.probe.packet)}`,
    `sent: ${JSON.stringify(found.probe.sent)}`,
    `the walk says: ${last.said}`,
    `the kernel counts: ${last.saw || '(not asked)'}`,
  ].join('\n')
}

/** Leaves rules out, one after another, as long as the two still do not agree. */
async function smaller(
  router: Router,
  ruleset: RandomRuleset,
  probe: Probe,
): Promise<RandomRuleset> {
  let small = ruleset
  for (const rule of ruleset.rules.toReversed()) {
    const without = { ...small, rules: small.rules.filter((one) => one !== rule) }
    if (await tryPackets(router, without, [probe])) small = without
  }
  return small
}
