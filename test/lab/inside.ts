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
  readonly cwd?: string
}

/** The way into a lab's namespaces for the process that started it. */
export type Inside = {
  /** Starts a command; `kill` reaches the command itself, and it dies with this process. */
  spawn(
    argv: readonly string[],
    options?: Pick<RunOptions, 'env' | 'cwd'> & Pick<SpawnOptions, 'stdio'>,
  ): ChildProcess
  /** Runs a command to its end. Never rejects because the command failed. */
  run(argv: readonly string[], options?: RunOptions): Promise<Answer>
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

/** Opens the namespaces that `pid` made, an unshare(1) that forked. `env` is the whole environment of what runs there. */
export function insideOf(pid: number, home: string, env: Readonly<Record<string, string>>): Inside {
  const ns = `/proc/${pid}/ns`
  const enter = [
    `--net=${ns}/net`,
    `--mount=${ns}/mnt`,
    `--uts=${ns}/uts`,
    `--ipc=${ns}/ipc`,
    `--root=/proc/${pid}/root`,
  ]

  const inside: Inside = {
    spawn(argv, options = {}) {
      const words = Object.entries({ ...env, ...options.env }).map(
        ([key, value]) => `${key}=${value}`,
      )
      const child = spawn(
        'nsenter',
        [
          ...enter,
          `--pid=${ns}/pid_for_children`,
          ...['setpriv', '--pdeathsig', 'KILL', '--'],
          ...['env', '-i', '-C', options.cwd ?? home, ...words, ...argv],
        ],
        { stdio: options.stdio ?? 'pipe' },
      )
      child.kill = (signal) => signalBehind(child, signal ?? 'SIGTERM')
      return child
    },
    run(argv, options = {}) {
      return new Promise((resolve, reject) => {
        const timeoutMs = options.timeoutMs ?? 240_000
        // timeout(1) kills the whole process group, in all namespaces.
        const child = inside.spawn(
          ['timeout', '-s', 'KILL', `${timeoutMs / 1000}`, ...argv],
          options,
        )
        const stdout: Buffer[] = []
        const stderr: Buffer[] = []
        const started = performance.now()
        const timer = setTimeout(() => {
          process.kill(child.pid ?? 0, 'SIGKILL')
          child.stdout?.destroy()
          child.stderr?.destroy()
        }, timeoutMs + 2_000)
        child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk))
        child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk))
        child.stdin?.on('error', () => {})
        child.stdin?.end(options.stdin ?? '')
        child.on('error', reject)
        child.on('close', (code, signal) => {
          clearTimeout(timer)
          const timedOut = code === null && performance.now() - started >= timeoutMs
          resolve({
            code: timedOut ? 124 : (code ?? 128 + (SIGNAL_NUMBERS[signal ?? ''] ?? 0)),
            stdout: Buffer.concat(stdout).toString(),
            stderr: Buffer.concat(stderr).toString(),
          })
        })
      })
    },
  }
  return inside
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
