import { type Arena, isLocked, leftFiles, readAll } from './arena.ts'
import { type Firewall, isBare, readFirewall, sameOurs, withoutGuard } from './firewall.ts'
import type { HostView } from './host-view.ts'
import { anatomyOf, processesOf } from './processes.ts'

/** The states that a host may end in, by name; `before` and `after` always, others where a second run may make them. */
export type Goals = Readonly<Record<string, readonly Firewall[]>>

/** How one host stands. */
export interface Standing {
  readonly host: string
  /** The names of the states that it is in: more than one where there is nothing to change on it. */
  readonly states: readonly string[]
  /** Processes of the product; sshd's own for a connection that is still open do not count. */
  readonly processes: readonly string[]
  /** What lies in /run/fw-run. */
  readonly files: readonly string[]
  readonly firewall: Firewall
}

/** How hosts are looked at. */
export interface Lens {
  readonly goals: Goals
  /** Whether the positions of our rules count: not where others write as well. */
  readonly numbers: boolean
  /** Hosts that hear nothing for a while. An idle agent, with no change to roll back, lives there for two leases. */
  readonly deaf: ReadonlySet<number>
  /** Hosts whose guard somebody flushes: without it, they may be in any state that has one. */
  readonly bared: ReadonlySet<number>
}

/** Looks at all hosts from outside. */
export async function look(arena: Arena, lens: Lens): Promise<readonly Standing[]> {
  const firewalls = await readAll(arena)
  return arena.hosts.flatMap(({ view }, at) => {
    const firewall = firewalls[at]
    return firewall ? [standingOf(view, at, firewall, lens)] : []
  })
}

/** The hosts at rest. The rules of a host with a process or a file of ours are not read: each reading costs processes. */
export async function lookForRest(arena: Arena, lens: Lens): Promise<readonly Standing[]> {
  const standings = await Promise.all(
    arena.hosts.map(async ({ view }, at) => {
      if (commandsOn(view, at, lens).length > 0 || remains(leftFiles(view)).length > 0) return []
      return [standingOf(view, at, await readFirewall(view), lens)]
    }),
  )
  return standings.flat().filter(isAtRest)
}

function standingOf(view: HostView, at: number, firewall: Firewall, lens: Lens): Standing {
  const { goals, numbers, bared } = lens
  const states = Object.keys(goals).filter((name) => {
    const goal = goals[name]?.[at]
    if (goal === undefined) return false
    const flushed = bared.has(at) && sameOurs(withoutGuard(goal), withoutGuard(firewall), numbers)
    return sameOurs(goal, firewall, numbers) || (flushed && isBare(firewall))
  })
  const processes = commandsOn(view, at, lens)
  return { host: view.name, states, processes, files: leftFiles(view), firewall }
}

function commandsOn(view: HostView, at: number, { deaf }: Lens): readonly string[] {
  const idle = deaf.has(at) && !isLocked(view)
  const processes = idle ? anatomyOf(processesOf(view)).watchdogs : processesOf(view)
  return processes.map(({ command }) => command).filter((command) => !command.startsWith('sshd: '))
}

/** Whether nothing on a host is still to come: a whole state, no process, no file but a note. */
export function isAtRest({ states, processes, files }: Standing): boolean {
  return states.length > 0 && processes.length === 0 && remains(files).length === 0
}

/** The files of ours that may not stay: all but the note for the next run. */
export function remains(files: readonly string[]): readonly string[] {
  return files.filter((file) => file !== 'note' && file !== '.')
}

/** The states that all hosts are in together. */
export function common(standings: readonly Standing[]): readonly string[] {
  const [first, ...rest] = standings
  return (first?.states ?? []).filter((state) => rest.every(({ states }) => states.includes(state)))
}

/** One host in a few lines, for a person. */
export function describeStanding(standing: Standing): string {
  const { host, states, processes, files, firewall } = standing
  return [
    `${host}: ${states.join(' = ') || 'neither before nor after'}`,
    ...firewall.ours.map((line) => `  rule ${line}`),
    ...firewall.ourSets.map((line) => `  set ${line}`),
    ...firewall.table.split('\n').map((line) => `  ${line}`),
    ...processes.map((command) => `  process ${command.slice(0, 160)}`),
    ...files.map((file) => `  /run/fw-run/${file}`),
  ].join('\n')
}
