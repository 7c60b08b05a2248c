import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** The result of a command; `code` is 128 + n after signal n, and 124 when its time was up. */
export type Answer = { readonly code: number; readonly stdout: string; readonly stderr: string }

/** What a command gets besides its arguments. */
export type RunOptions = {
  readonly stdin?: string
  /** Default 240 s; then it is killed. */
  readonly timeoutMs?: number
  readonly env?: Readonly<Record<string, string>>
}

/** How a process of this machine gets to a place in a lab. Every path is one that this machine can open. */
export type Entrance = {
  readonly net: string
  /** The directory with the other namespaces, as in /proc/PID/ns. */
  readonly namespaces: string
  /** The PID namespace, if it is not the one in `namespaces`. */
  readonly pid?: string
  /** The root of its file system. */
  readonly root: string
  /** Where commands start, as they name it. */
  readonly directory: string
  /** The whole environment of what runs there. */
  readonly env: Readonly<Record<string, string>>
}

/** The way into a place of a lab for the process that started the lab. */
export type Inside = {
  /** Starts a command; `kill` reaches the command itself, and it dies with this process. */
  spawn(
    argv: readonly string[],
    options?: Pick<RunOptions, 'env'> & Pick<SpawnOptions, 'stdio'>,
  ): ChildProcess
  /** Runs a command to its end. Never rejects because the command failed. */
  run(argv: readonly string[], options?: RunOptions): Promise<Answer>
  /** A path of this place as this process can open it. */
  path(inside: string): string
}

const SIGNAL_NUMBERS: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGPIPE: 13,
  SIGTERM: 15,
}

/** Opens a place for commands: each costs one nsenter(1) and its own program. */
export function insideOf(entrance: Entrance): Inside {
  const { net, namespaces, pid = `${namespaces}/pid`, root, directory, env } = entrance
  const enter = [
    `--net=${net}`,
    `--mount=${namespaces}/mnt`,
    `--uts=${namespaces}/uts`,
    `--ipc=${namespaces}/ipc`,
    `--pid=${pid}`,
    `--wd=${root}${directory}`,
  ]
  const start = (argv: readonly string[], extra: RunOptions['env'], how: SpawnOptions) =>
    // By its path, because PATH is the one of the place. The lab's end kills what it starts, with the PID namespace.
    spawn('/usr/bin/nsenter', [...enter, '--', ...argv], { ...how, env: { ...env, ...extra } })

  return {
    path: (inside) => `${root}${inside}`,
    spawn(argv, options = {}) {
      const child = start(argv, options.env, { stdio: options.stdio ?? 'pipe' })
      child.kill = (signal) => signalBehind(child, signal ?? 'SIGTERM')
      return child
    },
    run(argv, options = {}) {
      return new Promise((resolve, reject) => {
        const timeoutMs = options.timeoutMs ?? 240_000
        const child = start(argv, options.env, { detached: true })
        const stdout: Buffer[] = []
        const stderr: Buffer[] = []
        let timedOut = false
        const kill = setTimeout(() => {
          timedOut = true
          killGroup(child)
        }, timeoutMs)
        // What has left the group may hold the streams for good.
        const letGo = setTimeout(() => {
          child.stdout?.destroy()
          child.stderr?.destroy()
        }, timeoutMs + 2_000)
        child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk))
        child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk))
        child.stdin?.on('error', () => {})
        child.stdin?.end(options.stdin ?? '')
        child.on('error', reject)
        child.on('close', (code, signal) => {
          clearTimeout(kill)
          clearTimeout(letGo)
          resolve({
            code: code ?? (timedOut ? 124 : 128 + (SIGNAL_NUMBERS[signal ?? ''] ?? 0)),
            stdout: Buffer.concat(stdout).toString(),
            stderr: Buffer.concat(stderr).toString(),
          })
        })
      })
    },
  }
}

// A process group reaches over all PID namespaces: it holds nsenter and all that did not leave.
function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // All of it has gone by itself.
  }
}

// nsenter forks once it is in the PID namespace; what it waits for is its only child.
function signalBehind(child: ChildProcess, signal: NodeJS.Signals | number): boolean {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return false
  try {
    const behind = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim()
    process.kill(behind === '' ? child.pid : Number(behind), signal)
    return true
  } catch {
    return false
  }
}
