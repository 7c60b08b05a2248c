import type { Arena } from './arena.ts'
import type { Course } from './courses.ts'
import type { Disturbed } from './disturb.ts'
import { isBare } from './firewall.ts'
import { mend } from './mend.ts'
import { watchRest } from './rest.ts'
import { type RunEnd, runToEnd } from './runner.ts'
import { common, isAtRest, type Lens, look, type Standing } from './standing.ts'
import { bared, type Trial, wordsOf } from './trial.ts'
import { atTheEnd, notes } from './verdicts.ts'
import { afterWriting } from './writer.ts'

/** A trial whose hosts have had their time. */
export interface Aftermath {
  readonly arena: Arena
  readonly course: Course
  readonly trial: Trial
  readonly disturbed: Disturbed
  /** Where the journals lie. */
  readonly state: string
  readonly lens: Lens
  /** How hosts stood before anybody helped. */
  readonly alone: readonly Standing[]
  /** The state that all hosts must come to; undefined if any whole one will do. */
  readonly wanted: string | undefined
}

/** What the runs that finished a trial came to. */
export interface Finished {
  readonly violations: readonly string[]
  readonly runs: readonly RunEnd[]
  /** Whether it took another run of the product. */
  readonly helped: boolean
}

/** Milliseconds within which a watchdog notices that it is no longer needed. */
const farewell = 3000

/** Milliseconds after which a watchdog that could not roll back has tried again. */
const nextTry = 7000

/** Mends what was broken, lets the product finish what is left, and judges each step. */
export async function finish(aftermath: Aftermath): Promise<Finished> {
  const { arena, course, trial, disturbed, state, lens, alone, wanted } = aftermath
  const violations: string[] = []
  const runs: RunEnd[] = []
  await Promise.all(disturbed.done.map(({ over }) => over))
  await mend(arena)
  const written = await Promise.all(disturbed.writers.map((writer) => writer.stop()))
  const others = course.before.map((firewall, at) => afterWriting(firewall, written[at] ?? []))

  const flushed = new Set(trial.faults.flatMap(({ damage }) => bared(damage)))

  const follow = async (step: 'recover' | 'again', goal: string | undefined): Promise<void> => {
    const words = step === 'recover' ? ['recover'] : wordsOf(trial)
    const run = await runToEnd(arena, words, state, trial.transport)
    runs.push(run)
    await watchRest(arena, lens).until(performance.now() + farewell + arena.slack * 1000)
    const now = await look(arena, lens)
    // What others have flushed is not for `recover` to bring back.
    const isFlushed = now.some(({ firewall }, at) => flushed.has(at) && isBare(firewall))
    if (run.code !== 0 && !(run.code === 8 && step === 'recover' && isFlushed))
      violations.push(`\`fw-run ${words.join(' ')}\` ended with ${run.code}`)
    const wrong = [...atTheEnd(now, others, step === 'again' ? 'after' : goal), ...notes(now)]
    violations.push(...wrong.map((one) => `after ${step}: ${one}`))
  }
  const helped = !isOver(alone, disturbed, wanted)
  if (helped && trial.finishedBy === 'again') {
    // A watchdog that is at work holds the host: another run could not change it.
    await watchRest(arena, lens).until(performance.now() + nextTry + arena.slack * 1000)
  }
  if (helped) await follow(trial.finishedBy, wanted)
  else violations.push(...atTheEnd(await look(arena, lens), others, wanted))
  const [reached] = common(await look(arena, lens))
  // Where a second runner changed nothing, recover brings forward what the first had decided.
  const goal = wanted === undefined ? undefined : reached
  for (const step of trial.afterwards) await follow(step, goal)
  return { violations, runs, helped }
}

/** Whether hosts need no further run: all whole and alike, as was decided, and nobody in doubt. */
function isOver(
  alone: readonly Standing[],
  { run }: Disturbed,
  wanted: string | undefined,
): boolean {
  const states = common(alone)
  if (!alone.every(isAtRest) || states.length === 0 || run.code === 8) return false
  return wanted === undefined || states.includes(wanted)
}
