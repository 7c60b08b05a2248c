import { type ChildProcess, spawn } from 'node:child_process'
import type { ProgramEnd, RemoteProgram } from '../transport.ts'

/** A program of this machine. `letGo` closes its streams, by which it learns that we are gone, and waits for it no longer. */
export interface LocalProgram {
  readonly program: RemoteProgram
  letGo(): void
}

/**
 * Starts a line of sh in a session of its own, as sshd would. So Ctrl-C does not reach it: the runner needs it to roll back. And
 * it has no terminal: sudo can ask nobody but us. Rejects if it cannot be started.
 */
export function localProgram(command: string, lost: Promise<string>): Promise<LocalProgram> {
  return new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', ['-c', command], {
      detached: true,
      cwd: '/',
      env: loginVariables(),
      stdio: 'pipe',
    })
    // For good: an error that nobody hears ends the process.
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on('error', () => {})
    child.once('error', reject)
    child.once('spawn', () =>
      resolve({
        program: {
          ...{ stdin: child.stdin, stdout: child.stdout, stderr: child.stderr },
          ended: endOf(child, lost),
        },
        letGo() {
          for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy()
          child.unref()
        },
      }),
    )
  })
}

function endOf(child: ChildProcess, lost: Promise<string>): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    let end: ProgramEnd | undefined
    child.once('exit', (code, signal) => {
      end = code === null ? { kind: 'signalled', signal: signal ?? '' } : { kind: 'exited', code }
    })
    // `close` comes after the last bytes of output.
    child.once('close', () => end && resolve(end))
    void lost.then((reason) => resolve(end ?? { kind: 'lost', reason }))
  })
}

/** What a login has, and nothing else of ours: a variable may hold a password. */
function loginVariables(): Record<string, string> {
  const names = ['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL']
  const kept = names.flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return { ...Object.fromEntries(kept), TERM: 'dumb' }
}
