import { letGo, planTrial, tendTool } from './broken-tool.ts'
import { type Done, inject } from './inject.ts'
import { type Stage, stageOf, type Watched, waitFor } from './moments.ts'
import { type RunEnd, startRunner } from './runner.ts'
import { type Fault, type Trial, wordsOf } from './trial.ts'
import { startWriter, type Writer } from './writer.ts'

/** A run that was disturbed, up to its end. */
export interface Disturbed {
  readonly run: RunEnd
  /** The other run of the product, if there was one. */
  readonly second: RunEnd | undefined
  readonly endedAt: number
  /** The faults that came, and how far the run had come; a fault whose moment never came is missing. */
  readonly done: readonly (Done & { readonly stage: Stage; readonly fault: Fault })[]
  readonly writers: readonly Writer[]
}

/** Runs the product once, with each fault of the trial at its moment, and calls `came` at each. */
export async function disturb(
  trial: Trial,
  { arena, course, state }: Omit<Watched, 'runner' | 'startedAt'>,
  came: () => void,
): Promise<Disturbed> {
  planTrial(arena, trial, course)
  const writers = arena.hosts.flatMap(({ view }, at) => {
    const steps = trial.writers[at]
    return steps ? [startWriter(arena.lab, view, steps)] : []
  })
  const words = wordsOf(trial)
  const startedAt = performance.now()
  const runner = startRunner(arena, words, state, trial.transport)
  const watched: Watched = { arena, course, runner, state, startedAt }

  const tending = tendTool(arena, trial.brokenTool, () => runner.end() !== undefined)
  const coming = trial.faults.map(async (fault) => {
    const { damage, moment } = fault
    const come = await waitFor(moment, watched)
    const stage = stageOf(watched)
    const scene = { arena, runner, trial, state }
    const done = come ? [{ ...(await inject(damage, scene)), stage, fault }] : []
    if (come) came()
    if (moment.kind === 'call') letGo(arena, trial, course, moment)
    return done
  })
  const run = await runner.ended
  const runEndedAt = performance.now()
  const done = (await Promise.all(coming)).flat()
  await tending
  const [second] = (await Promise.all(done.map((one) => one.second))).flatMap((end) => end ?? [])
  return { run, second, endedAt: second ? performance.now() : runEndedAt, done, writers }
}
