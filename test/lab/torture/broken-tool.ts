import { setTimeout as delay } from 'node:timers/promises'
import type { Arena } from './arena.ts'
import type { Course } from './courses.ts'
import { type CallPlan, heldCalls, planCalls, releaseCalls } from './hooks.ts'
import { heldCall } from './moments.ts'
import type { BrokenTool, Trial } from './trial.ts'

/** Plans which calls of hosts go wrong in a trial, and before which calls a fault comes. */
export function planTrial(arena: Arena, trial: Trial, course: Course): void {
  arena.hosts.forEach(({ view }, at) => {
    planCalls(view, plansOf(trial, course, at))
  })
}

function plansOf({ brokenTool, faults }: Trial, course: Course, at: number): readonly CallPlan[] {
  const waiting = faults.flatMap(({ moment }) =>
    moment.kind === 'call' && moment.host === at ? [heldCall(moment, course)] : [],
  )
  return [...waiting, ...(brokenTool?.host === at ? [brokenPlan(brokenTool)] : [])]
}

/** Lets the call go on before which a fault came, if there was one, and holds it no more. */
export function letGo(arena: Arena, trial: Trial, course: Course, moment: CallMoment): void {
  const host = arena.hosts[moment.host]
  if (!host) return
  const { from } = heldCall(moment, course)
  const held = heldCalls(host.view).some((line) => line.startsWith(`${from} `))
  const rest = plansOf(trial, course, moment.host).filter(
    (plan) => plan.tool !== 'any' || plan.from !== from,
  )
  releaseCalls(host.view, held ? 1 : 0, rest)
}

type CallMoment = Parameters<typeof heldCall>[0]

function brokenPlan({ tool, from, times, how }: BrokenTool): CallPlan {
  const act = 'exit' in how ? { fail: how.exit } : 'hold'
  return { tool, from, to: from + times - 1, act }
}

/** Lets a hanging tool go on after its time, call by call, until `over` says so. */
export async function tendTool(
  arena: Arena,
  brokenTool: BrokenTool | undefined,
  over: () => boolean,
): Promise<void> {
  const host = arena.hosts[brokenTool?.host ?? -1]
  if (!brokenTool || !host || !('hang' in brokenTool.how)) return
  let released = 0
  while (!over()) {
    const held = heldCalls(host.view).length
    if (held > released) {
      await delay(brokenTool.how.hang * 1000)
      released += 1
      releaseCalls(host.view, 1, [brokenPlan(brokenTool)])
    }
    await delay(20)
  }
}
