import { readFileSync } from 'node:fs'

/**
 * When a process started, in ticks since boot; null if there is none, or only its zombie. It tells the process from a later
 * one with the same number. proc(5): state and field 22 of stat. They are counted after the name, which may hold blanks
 * and brackets.
 */
export function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? null : (fields[19] ?? null)
  } catch {
    return null
  }
}

/** Whether the process with this number and start still lives. */
export function lives(pid: number, started: string | null): boolean {
  return started !== null && startOf(pid) === started
}
