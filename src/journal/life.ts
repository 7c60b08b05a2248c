import { readFileSync } from 'node:fs'

/**
 * When a process started, in ticks since boot, which no later process of that number shares; null if there is none, or
 * only its zombie. proc(5): state and field 22 of stat, counted behind the name, which may hold anything.
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

/** Whether the very process that had this number and start still lives. */
export function lives(pid: number, started: string | null): boolean {
  return started !== null && startOf(pid) === started
}
