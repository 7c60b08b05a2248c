import type { Arena } from './arena.ts'
import type { Course } from './courses.ts'
import type { Disturbed } from './disturb.ts'
import { mend } from './mend.ts'
import { type RunEnd, runToEnd } from './runner.ts'
import { watchSettling } from './settling.ts'
import { common, isSettled, type Lens, look, type Standing } from './standing.ts'
import type { Trial } from './trial.ts'
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

/** What came of settling. */
export interface Settled {
  readonly violations: readonly string[]
  readonly runs: readonly RunEnd[]
  /** Whether it took another run of the product. */
  readonly helped: boolean
}

/** What a watchdog may take to notice that it is no longer needed, in milliseconds. */
const farewell = 3000

/** After how long a watchdog tries again that could not take back, and does so, in milliseconds. */
const nextTry = 7000

/** Mends what was broken, has the product settle what is left, and judges each step. */
export async function settle(aftermath: Aftermath): Promise<Settled> {
  const { arena, course, trial, disturbed, state, lens, alone, wanted } = aftermath
  const violations: string[] = []
  const runs: RunEnd[] = []
  await Promise.all(disturbed.done.map(({ over }) => over))
  await mend(arena)
  const written = await Promise.all(disturbed.writers.map((writer) => writer.stop()))
  const others = course.before.map((firewall, at) => afterWriting(firewall, written[at] ?? []))

  const follow = async (step: 'recover' | 'again', goal: string | undefined): Promise<void> => {
    const words = step === 'recover' ? ['recover'] : [trial.command, '--lease', `${trial.lease}`]
    const run = await runToEnd(arena, words, state)
    runs.push(run)
    if (run.code !== 0) violations.push(`\`fw-run ${words.join(' ')}\` ended with ${run.code}`)
    await watchSettling(arena, lens).until(performance.now() + farewell + arena.slack * 1000)
    const now = await look(arena, lens)
    const wrong = [...atTheEnd(now, others, step === 'again' ? 'after' : goal), ...notes(now)]
    violations.push(...wrong.map((one) => `after ${step}: ${one}`))
  }
  const helped = !isOver(alone, disturbed, wanted)
  if (helped && trial.settledBy === 'again') {
    // A watchdog that is at work holds the host, and whoever wants to change it is told to wait.
    await watchSettling(arena, lens).until(performance.now() + nextTry + arena.slack * 1000)
  }
  if (helped) await follow(trial.settledBy, wanted)
  else violations.push(...atTheEnd(await look(arena, lens), others, wanted))
  const [settled] = common(await look(arena, lens))
  // Where a second runner changed nothing, recover brings forward what the first had decided.
  const goal = wanted === undefined ? undefined : settled
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
  if (!alone.every(isSettled) || states.length === 0 || run.code === 8) return false
  return wanted === undefined || states.includes(wanted)
}
