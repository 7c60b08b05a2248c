import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

const hasProc = existsSync('/proc/self/stat')

/**
 * When a process started; null if there is none, or only its zombie. It tells the process from a later one with the same
 * number: in ticks since boot on Linux, as a date elsewhere.
 */
export function startOf(pid: number): string | null {
  return hasProc ? startInProc(pid) : startByPs(pid)
}

// proc(5): state and field 22 of stat. They are counted after the name, which may hold blanks and brackets.
function startInProc(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? null : (fields[19] ?? null)
  } catch {
    return null
  }
}

/** The same by ps(1), for systems without /proc, as macOS: the date and the second, in UTC. */
export function startByPs(pid: number): string | null {
  const words = ['-o', 'stat=', '-o', 'lstart=', '-p', `${pid}`]
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' }
  const { stdout } = spawnSync('ps', words, { encoding: 'utf8', env })
  const [, state, start] = /^\s*(\S+)\s+(\S.*\d)\s*$/.exec(stdout ?? '') ?? []
  return state?.startsWith('Z') ? null : (start ?? null)
}

/** Whether the process with this number and start still lives. */
export function lives(pid: number, started: string | null): boolean {
  return started !== null && startOf(pid) === started
}
