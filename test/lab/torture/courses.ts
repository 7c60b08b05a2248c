import { type Arena, readAll, restoreAll } from './arena.ts'
import { type Firewall, sameOurs } from './firewall.ts'
import { callsOf, planCalls } from './hooks.ts'
import { runToEnd } from './runner.ts'
import type { Command, Start } from './trial.ts'

/** What an undisturbed run does: the firewalls before and after, its time, and the watched calls of each host. */
export interface Course {
  readonly before: readonly Firewall[]
  readonly after: readonly Firewall[]
  readonly milliseconds: number
  readonly calls: readonly number[]
  /** How many hosts it changes. */
  readonly taking: number
}

/** The courses of an arena. Each is run once, when it is first asked for. */
export type Courses = (start: Start, command: Command) => Promise<Course>

export function coursesOf(arena: Arena): Courses {
  const known = new Map<string, Promise<Course>>()
  const courses: Courses = (start, command) => {
    const key = `${command} ${start}`
    const course = known.get(key) ?? follow(arena, start, command, courses)
    known.set(key, course)
    return course
  }
  return courses
}

async function follow(
  arena: Arena,
  start: Start,
  command: Command,
  courses: Courses,
): Promise<Course> {
  await prepare(arena, start, courses)
  const before = await readAll(arena)
  for (const { view } of arena.hosts) planCalls(view, [])
  const run = await runToEnd(arena, [command], `${arena.lab.jump.home}/calibration`, 'ssh2')
  if (run.code !== 0) {
    throw new Error(`An undisturbed ${command} ended with ${run.code}.\n${run.stdout}${run.stderr}`)
  }
  const after = await readAll(arena)
  return {
    before,
    after,
    taking: after.filter((one, at) => !sameOurs(one, before[at] ?? one, true)).length,
    milliseconds: run.seconds * 1000,
    calls: arena.hosts.map(({ view }) => callsOf(view).length),
  }
}

async function prepare(arena: Arena, start: Start, courses: Courses): Promise<void> {
  const bases = arena.hosts.map(({ base }) => base)
  if (start === 'fresh') return restoreAll(arena, bases)
  if (start === 'drifted') {
    await restoreAll(arena, bases)
    return drift(arena)
  }
  const { after } = await courses('fresh', 'apply')
  await restoreAll(
    arena,
    start === 'guarded'
      ? after
      : after.map((firewall, at) => (at % 2 ? firewall : (bases[at] ?? firewall))),
  )
}

/** A set with an outsider in it, and the rule twice, at positions where it does not work. */
async function drift(arena: Arena): Promise<void> {
  const rule = '-i ens18 -m set ! --match-set cluster_nodes src -j REJECT'
  for (const { lab } of arena.hosts) {
    const answer = await lab.run(
      `ipset create cluster_nodes iphash && ipset add cluster_nodes 192.168.64.99 &&
       iptables -w -I FORWARD 14 ${rule} && iptables -w -I FORWARD 3 ${rule}`,
    )
    if (answer.code !== 0) throw new Error(`${lab.name} cannot drift: ${answer.stderr}`)
  }
}
