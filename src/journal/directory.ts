import { chmodSync, mkdirSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import { givenHome } from '../jump-host/own-home.ts'

/** Where the journals of this user's runs lie: under XDG_STATE_HOME. Its standard says to ignore a relative path. */
export function runsDirectory(): string {
  const given = process.env.XDG_STATE_HOME
  const state = given && isAbsolute(given) ? given : join(givenHome(), '.local', 'state')
  return join(state, 'fw-run', 'runs')
}

/** Makes a directory that only this user may read, and its parents. Node's own way never ends if one cannot be made. */
export function makeDirectory(directory: string): void {
  const make = (): void => {
    mkdirSync(directory)
    // A umask may have taken the rights of the owner.
    chmodSync(directory, 0o700)
  }
  try {
    make()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return
    if (code !== 'ENOENT') throw error
    makeDirectory(dirname(directory))
    make()
  }
}

/** The run whose journal has this file name; undefined for other files. */
export function runOf(name: string): string | undefined {
  return /^(\d{8}-\d{6}-[0-9a-f]{4})\.ndjson$/.exec(name)?.[1]
}

/** The ids of this user's runs, newest first, by the names of their journals alone. Rejects if there is no such directory. */
export async function runIds(): Promise<readonly string[]> {
  const names = await readdir(runsDirectory())
  return names
    .flatMap((name) => runOf(name) ?? [])
    .sort()
    .reverse()
}

/** The journal of a run. */
export function journalFile(directory: string, run: string): string {
  return join(directory, `${run}.ndjson`)
}
