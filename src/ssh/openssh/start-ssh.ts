import { type ChildProcess, spawn } from 'node:child_process'
import { ownVariablesLeftOut } from '../../jump-host/process-group.ts'

/** The variables of the environment that ssh may send to hosts by Debian's own configuration. */
const languages = /^(LANG|LANGUAGE|LC_.*)$/

/**
 * Starts an ssh in a session of its own. So Ctrl-C does not reach it: the runner needs its connections to roll back. And
 * it has no terminal: it can ask nobody but us.
 */
export function startSsh(
  words: readonly string[],
  stdio: 'pipe' | 'ignore',
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  const inherited = Object.entries(ownVariablesLeftOut()).filter(([name]) => !languages.test(name))
  const child = spawn('ssh', words, {
    detached: true,
    stdio: [stdio, stdio, 'pipe'],
    env: { ...Object.fromEntries(inherited), ...env },
  })
  // For good: an error that nobody hears ends the process.
  for (const stream of child.stdio) stream?.on('error', () => {})
  return child
}

/** Ends an ssh that has not connected yet, with the ProxyCommand that it may have started. */
export function endSsh({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGTERM')
  } catch {
    // It has gone.
  }
}
