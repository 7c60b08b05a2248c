import { mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'

/** Where the journals of this user's runs lie: under XDG_STATE_HOME, which counts only if absolute, as its standard says. */
export function runsDirectory(): string {
  const given = process.env.XDG_STATE_HOME
  const state = given && isAbsolute(given) ? given : join(homedir(), '.local', 'state')
  return join(state, 'fw-run', 'runs')
}

/** Makes a directory for this user alone, and its parents. Not by Node's own, which never ends where one cannot be made. */
export function makeDirectory(directory: string): void {
  const make = (): void => mkdirSync(directory, { mode: 0o700 })
  try {
    make()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return
    if (code !== 'ENOENT' || dirname(directory) === directory) throw error
    makeDirectory(dirname(directory))
    make()
  }
}

/** The run whose journal has that file name; undefined for every other file. */
export function runOf(name: string): string | undefined {
  return /^(\d{8}-\d{6}-[0-9a-f]{4})\.ndjson$/.exec(name)?.[1]
}

/** The journal of a run. */
export function journalFile(directory: string, run: string): string {
  return join(directory, `${run}.ndjson`)
}
