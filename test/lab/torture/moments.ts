import { setTimeout as delay } from 'node:timers/promises'
import { type Arena, isLocked, journalLines, saysCommitted } from './arena.ts'
import type { Course } from './courses.ts'
import { type CallPlan, heldCalls } from './hooks.ts'
import type { Runner } from './runner.ts'
import type { Moment } from './trial.ts'

/** How far a run had come. */
export const stages = [
  'before apply',
  'applying',
  'applied',
  'decided',
  'committing',
  'after',
] as const
export type Stage = (typeof stages)[number]

/** What one needs to see how far a run has come. */
export interface Watched {
  readonly arena: Arena
  readonly course: Course
  readonly runner: Runner
  readonly state: string
  readonly startedAt: number
}

/** Milliseconds between two looks. */
const pause = 2

/** Milliseconds to wait for a call after the run: hosts may still be rolling back. */
const afterRun = 500

/** Resolves when the moment has come, with true, or when the run is over before, with false. */
export async function waitFor(moment: Moment, watched: Watched): Promise<boolean> {
  const come = comes(moment, watched)
  let left = moment.kind === 'call' ? afterRun : 0
  while (!come()) {
    if (watched.runner.end()) left -= pause
    if (left < 0) return false
    await delay(pause)
  }
  return true
}

function comes(moment: Moment, watched: Watched): () => boolean {
  const { arena, course, startedAt } = watched
  const count = (holds: (view: Arena['hosts'][number]['view']) => boolean): number =>
    arena.hosts.filter(({ view }) => holds(view)).length
  switch (moment.kind) {
    case 'time': {
      const at = startedAt + moment.part * course.milliseconds
      return () => performance.now() >= at
    }
    case 'locked': {
      const wanted = Math.min(moment.hosts, course.taking)
      return () => count(isLocked) >= wanted
    }
    case 'call': {
      const plan = heldCall(moment, course)
      const host = arena.hosts[moment.host]
      return () =>
        host !== undefined && heldCalls(host.view).some((line) => line.startsWith(`${plan.from} `))
    }
    case 'decided':
      return () => isDecided(journalLines(arena, watched.state))
    case 'committed': {
      const wanted = Math.min(moment.hosts, course.taking)
      return () =>
        isDecided(journalLines(arena, watched.state)) &&
        count((view) => saysCommitted(view) || !isLocked(view)) >=
          arena.hosts.length - course.taking + wanted
    }
  }
}

/** The call before which that moment lies. */
export function heldCall(moment: Extract<Moment, { kind: 'call' }>, course: Course): CallPlan {
  const from = 1 + Math.floor(moment.part * (course.calls[moment.host] ?? 1))
  return { tool: 'any', from, to: from, act: 'hold' }
}

/** Whether a run decided to go forward, and did not revoke that because it could not be written. */
export function isDecided(lines: readonly string[]): boolean {
  const last = (kind: string): number =>
    lines.findLastIndex((line) => line.includes(`"kind":"${kind}"`))
  return last('decided') > last('undecided')
}

/** How far a run has come now. */
export function stageOf({ arena, course, runner, state }: Watched): Stage {
  const { hosts } = arena
  const locked = hosts.filter(({ view }) => isLocked(view) && !saysCommitted(view)).length
  if (isDecided(journalLines(arena, state))) {
    if (locked === 0) return 'after'
    return locked === course.taking ? 'decided' : 'committing'
  }
  if (runner.end()) return 'after'
  if (/^Apply and verify: \d/m.test(runner.said())) return 'applied'
  return locked > 0 ? 'applying' : 'before apply'
}
