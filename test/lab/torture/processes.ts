import { descendants, type HostView, readProc } from './host-view.ts'

/** A process of a host; numbers are this machine's. */
export interface HostProcess {
  readonly pid: number
  readonly parent: number
  readonly session: number
  /** Its arguments joined by blanks. */
  readonly command: string
}

/** The processes of a run that live on a host. */
export interface Anatomy {
  /** The shells that speak to a runner. */
  readonly agents: readonly HostProcess[]
  /** Everything in the sessions of agents, the agents included. */
  readonly sessions: readonly HostProcess[]
  /** Processes in a session of their own that are not between sshd and an agent. */
  readonly watchdogs: readonly HostProcess[]
  /** sshd's processes for single connections. */
  readonly logins: readonly HostProcess[]
}

/** All processes of a host but its first one, those of the lab and zombies. */
export function processesOf(view: HostView): readonly HostProcess[] {
  return descendants(view.init)
    .map(readProcess)
    .filter((one) => one !== undefined)
    .filter(({ command }) => !labsOwn.test(command))
}

const labsOwn = /^sshd: .*\[listener\]|^busybox httpd -f -p 8080|^sleep infinity$/

function readProcess(pid: number): HostProcess | undefined {
  const stat = readProc(pid, 'stat')
  const [state, parent, , session] = stat.slice(stat.lastIndexOf(') ') + 2).split(' ')
  const command = readProc(pid, 'cmdline').replaceAll('\0', ' ').trim()
  // What has no command line is a zombie, or in the middle of exec or exit.
  if (stat === '' || state === 'Z' || command === '') return undefined
  return { pid, parent: Number(parent), session: Number(session), command }
}

/** Tells agents from watchdogs by their ancestors and sessions, not by their names. */
export function anatomyOf(processes: readonly HostProcess[]): Anatomy {
  const byPid = new Map(processes.map((one) => [one.pid, one]))
  const parentOf = ({ parent }: HostProcess): HostProcess | undefined => byPid.get(parent)
  const logins = processes.filter(({ command }) => command.startsWith('sshd: '))
  const descends = (one: HostProcess): boolean => {
    const parent = parentOf(one)
    return parent !== undefined && (logins.includes(parent) || descends(parent))
  }
  const agents = processes.filter(
    (one) => isShell(one) && descends(one) && !isShell(parentOf(one)) && !isSetsid(one, byPid),
  )
  const sessionNumbers = new Set(agents.map(({ session }) => session))
  const sessions = processes.filter(({ session }) => sessionNumbers.has(session))
  const way = new Set(agents.flatMap((agent) => ancestors(agent, byPid)))
  const watchdogs = processes.filter(
    (one) => !way.has(one) && !logins.includes(one) && !sessions.includes(one) && !isLogin(one),
  )
  return { agents, sessions, watchdogs, logins }
}

function isShell(one: HostProcess | undefined): boolean {
  return one?.command === '/bin/sh'
}

/** A login that has not come to its agent yet. */
function isLogin({ command }: HostProcess): boolean {
  return /^sudo |\/bin\/sh -c |^-/.test(command)
}

/** Whether it left the session of the shell above it. */
function isSetsid(one: HostProcess, byPid: ReadonlyMap<number, HostProcess>): boolean {
  const parent = byPid.get(one.parent)
  return one.session === one.pid && parent !== undefined && isShell(parent)
}

function ancestors(
  one: HostProcess,
  byPid: ReadonlyMap<number, HostProcess>,
): readonly HostProcess[] {
  const parent = byPid.get(one.parent)
  return parent ? [parent, ...ancestors(parent, byPid)] : []
}
