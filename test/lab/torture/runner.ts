import { executable } from '../../scenarios/fw-run.ts'
import type { Arena } from './arena.ts'
import type { Transport } from './trial.ts'

/** How a run of the product ended; `code` is undefined if a signal ended it. */
export interface RunEnd {
  readonly words: readonly string[]
  readonly code: number | undefined
  readonly stdout: string
  readonly stderr: string
  readonly seconds: number
  /** Whether it had to be killed because it did not come to an end. */
  readonly overdue: boolean
}

/** How long a run may take at most, in seconds. */
const patience = 300

/** The product at work on the jump host. */
export interface Runner {
  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT' | 'SIGINT'): void
  /** Its end; undefined as long as it lives. */
  readonly end: () => RunEnd | undefined
  readonly ended: Promise<RunEnd>
  /** What it said on stderr so far. */
  readonly said: () => string
}

/** Starts the product; its journals lie under `state` on the jump host. */
export function startRunner(
  arena: Arena,
  words: readonly string[],
  state: string,
  transport: Transport,
): Runner {
  const started = performance.now()
  const child = arena.lab.jump.spawn(
    ['node', executable, ...words, '--transport', transport, '-i', arena.inventory],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { XDG_STATE_HOME: state },
    },
  )
  let stdout = ''
  let stderr = ''
  let end: RunEnd | undefined
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  const ended = new Promise<RunEnd>((resolve) => {
    child.once('close', (code) => {
      clearTimeout(limit)
      const seconds = (performance.now() - started) / 1000
      const overdue = seconds >= patience
      end = { words, code: code ?? undefined, stdout, stderr, seconds, overdue }
      resolve(end)
    })
  })
  const signal: Runner['signal'] = (name) => {
    child.kill(name)
    // nsenter stops together with what it started, and then passes nothing on.
    if (name === 'SIGCONT' || name === 'SIGKILL') wake(child.pid)
  }
  const limit = setTimeout(() => signal('SIGKILL'), patience * 1000)
  return {
    signal,
    end: () => end,
    ended,
    said: () => stderr,
  }
}

function wake(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(pid, 'SIGCONT')
  } catch {
    // It has gone.
  }
}

/** Runs the product to its end. */
export function runToEnd(
  arena: Arena,
  words: readonly string[],
  state: string,
  transport: Transport,
): Promise<RunEnd> {
  return startRunner(arena, words, state, transport).ended
}
