import { type ChildProcess, spawn } from 'node:child_process'

/** How long to wait for output after a program has ended: what it started may hold its pipes open. */
const outputGraceMs = 200

/** How a program ended. `aborted`: the signal came before. */
export type GroupEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'killed'; readonly by: NodeJS.Signals }
  | { readonly kind: 'not-started'; readonly cause: Error }
  | { readonly kind: 'aborted' }

/** Hears what a program prints. */
export interface Listener {
  readonly stdout: (chunk: Buffer) => void
  readonly stderr: (chunk: Buffer) => void
}

/**
 * Runs a program in a process group of its own, without input and without the settings of fw-run. When it ends, or when
 * the signal comes, the whole group is killed. Never rejects.
 */
export function runInGroup(
  program: string,
  words: readonly string[],
  listener: Listener,
  signal: AbortSignal,
): Promise<GroupEnd> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve({ kind: 'aborted' })
    const child = spawn(program, words, {
      detached: true,
      env: ownVariablesLeftOut(),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let ended: GroupEnd | undefined
    const done = (end: GroupEnd): void => {
      signal.removeEventListener('abort', onAbort)
      killGroup(child)
      child.stdout.destroy()
      child.stderr.destroy()
      resolve(end)
    }
    const doneWithOutput = (): void => done(ended ?? { kind: 'aborted' })
    const onAbort = doneWithOutput
    child.stdout.on('data', listener.stdout)
    child.stderr.on('data', listener.stderr)
    child.once('error', (cause) => done({ kind: 'not-started', cause }))
    child.once('exit', (code, by) => {
      ended = by === null ? { kind: 'exited', code: code ?? 0 } : { kind: 'killed', by }
      // What lies in the pipes is read in the next turn, also where this turn took long.
      setTimeout(() => setImmediate(doneWithOutput), outputGraceMs).unref()
    })
    child.once('close', doneWithOutput)
    signal.addEventListener('abort', onAbort, { once: true })
  })
}

/** The environment without the settings of fw-run: FW_RUN_EXTRA_VARS may hold a password. */
export function ownVariablesLeftOut(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('FW_RUN_')),
  )
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // ESRCH: all of it has ended already.
  }
}
