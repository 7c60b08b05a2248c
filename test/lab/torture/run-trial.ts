import { finish } from './aftermath.ts'
import { type Arena, journalLines } from './arena.ts'
import type { Courses } from './courses.ts'
import { deserted } from './deserted.ts'
import { disturb } from './disturb.ts'
import { evidence } from './evidence.ts'
import { reset } from './mend.ts'
import { isDecided } from './moments.ts'
import { promiseOf } from './promise.ts'
import { type RestWatch, watchRest } from './rest.ts'
import type { RunEnd } from './runner.ts'
import { common, isAtRest, type Lens, look, type Standing } from './standing.ts'
import { bared, deafened, lasting, type Trial } from './trial.ts'
import { type Measured, type TrialResult, timesOf } from './trial-result.ts'
import { claims, manners, unaided } from './verdicts.ts'

/** Runs one trial in an arena, from a clean start, and judges it from outside. */
export async function runTrial(arena: Arena, courses: Courses, trial: Trial): Promise<TrialResult> {
  const course = await courses(trial.start, trial.command)
  const second = trial.faults.some(({ damage }) => damage.kind === 'second-runner')
  const lens = await lensFor(arena, courses, trial, second)
  await reset(arena, course.before)
  const state = `${arena.lab.jump.home}/state/${trial.number}`

  let rest: RestWatch | undefined
  const watch = (): RestWatch => {
    rest ??= watchRest(arena, lens)
    return rest
  }
  const disturbed = await disturb(trial, { arena, course, state }, watch)
  await clearWhatWasTold(arena, trial, disturbed.run)
  const atExit = await look(arena, lens)
  const wrong = [...claims(disturbed.run, atExit, trial), ...manners(disturbed)]
  const promised = promiseOf(trial, disturbed.done, disturbed.endedAt, arena.slack)
  await watch().until(promised?.by ?? performance.now())
  const alone = await look(arena, lens)
  const decided = isDecided(journalLines(arena, state))
  const times = timesOf(disturbed, watch().first(), decided, promised)
  if (promised)
    wrong.push(
      ...unaided(alone, { decided, second }),
      ...times.flatMap((time) => tooLate(time, arena.slack)),
    )
  wrong.push(...(await deserted(arena, trial, disturbed)))

  const wanted = second ? undefined : decided ? 'after' : 'before'
  const aftermath = { arena, course, trial, disturbed, state, lens, alone, wanted }
  const { violations, runs, helped } = await finish(aftermath)
  const last = await look(arena, lens)
  return {
    trial,
    disturbed,
    violations: [...wrong, ...violations],
    decided,
    outcome: outcomeOf(alone),
    helped,
    times,
    evidence: evidence({
      arena,
      trial,
      disturbed,
      atExit,
      alone,
      last,
      further: runs,
      journal: journalLines(arena, state),
    }),
  }
}

/** Destroys the old set where the run could not, because ipset fails for good: the run asks the administrator to. */
async function clearWhatWasTold(arena: Arena, { brokenTool }: Trial, run: RunEnd): Promise<void> {
  const host = arena.hosts[brokenTool?.host ?? -1]
  if (!host || brokenTool?.tool !== 'ipset' || !run.stdout.includes('not everything worked')) return
  if (brokenTool.times < lasting && 'exit' in brokenTool.how) return
  await host.lab.run('/usr/sbin/ipset destroy fw-run-aside')
}

function tooLate({ ground, seconds, promised }: Measured, slack: number): readonly string[] {
  if (seconds <= promised + slack) return []
  return [`at rest ${seconds.toFixed(1)} s after ${ground}, promised are ${promised} s`]
}

async function lensFor(
  arena: Arena,
  courses: Courses,
  { start, command, faults, writers }: Trial,
  second: boolean,
): Promise<Lens> {
  const { before, after } = await courses(start, command)
  const removed = arena.hosts.map(({ base }) => base)
  const others = second ? { applied: (await courses('fresh', 'apply')).after, removed } : {}
  const deaf = faults.flatMap(({ damage }) => deafened(damage, arena.hosts.length))
  return {
    goals: { before, after, ...others },
    numbers: writers.length === 0,
    deaf: new Set(deaf),
    bared: new Set(faults.flatMap(({ damage }) => bared(damage))),
  }
}

function outcomeOf(alone: readonly Standing[]): TrialResult['outcome'] {
  const states = common(alone)
  if (!alone.every(isAtRest)) return 'pending'
  if (states.includes('after')) return 'all'
  if (states.includes('before')) return 'none'
  return states.length > 0 ? 'another whole state' : 'mixed'
}
