import type { GuardKind } from '../../../src/agent/agent.ts'
import { openArena } from './arena.ts'
import { coursesOf } from './courses.ts'
import { drawConfiguration } from './draw-configuration.ts'
import { drawTrial } from './draw-trial.ts'
import { runTrial } from './run-trial.ts'
import type { Transport } from './trial.ts'
import type { TrialResult } from './trial-result.ts'

/** How many trials share the hosts of one configuration. */
const groupSize = 20

/** Which trials to run, and how many labs at a time. */
export interface TortureOptions {
  readonly seed: number
  /** The numbers of the trials, from 1. */
  readonly numbers: readonly number[]
  readonly labs: number
  /** Seconds that this machine may add to what is promised. */
  readonly slack: number
  /** The guard that the inventories ask for. Where it is `nft` or `mangle`, drifted hosts have set and rule of the other guard. */
  readonly guard: GuardKind
  /** Whether hosts have boot files, and are rebooted. */
  readonly persist?: boolean
  /** What connects the hosts in all trials; unset: each trial draws. */
  readonly transport?: Transport | undefined
  /** Told of each result as it comes. */
  readonly tell: (result: TrialResult) => void
}

/** Runs trials, each of which follows from the seed and its number alone. */
export async function torture({
  seed,
  numbers,
  labs,
  slack,
  guard,
  persist = false,
  transport,
  tell,
}: TortureOptions): Promise<readonly TrialResult[]> {
  const groupOf = (number: number): number => Math.floor((number - 1) / groupSize)
  const waiting = [...new Set(numbers.map(groupOf))]
  const results: TrialResult[] = []
  const worker = async (): Promise<void> => {
    for (let group = waiting.shift(); group !== undefined; group = waiting.shift()) {
      const members = numbers.filter((number) => groupOf(number) === group)
      const arena = await openArena(drawConfiguration(seed, group, guard), slack, guard, persist)
      try {
        const courses = coursesOf(arena)
        for (const number of members) {
          const result = await runTrial(
            arena,
            courses,
            drawTrial(seed, number, arena.hosts.length, guard, transport, persist),
          )
          results.push(result)
          tell(result)
        }
      } finally {
        await arena.lab.stop()
      }
    }
  }
  await Promise.all(Array.from({ length: labs }, worker))
  return results
}
