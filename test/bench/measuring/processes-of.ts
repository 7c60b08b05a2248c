import { readdirSync, readFileSync } from 'node:fs'

/** The processes under one, without it: how many live, and the seconds of CPU that all and those they waited for took. */
export interface Processes {
  readonly count: number
  readonly cpu: number
}

/** Looks once at all processes below `root`. A process whose parent has ended counts too: it stays below the lab. */
export function processesUnder(root: number): Processes {
  const children = new Map<number, number[]>()
  const ticks = new Map<number, number>()
  const zombies = new Set<number>()
  for (const name of readdirSync('/proc')) {
    const fields = /^\d+$/.test(name) ? statusOf(name) : undefined
    if (fields === undefined) continue
    const [state, parent, ...rest] = fields
    children.set(Number(parent), [...(children.get(Number(parent)) ?? []), Number(name)])
    if (state === 'Z') zombies.add(Number(name))
    // proc(5): fields 14 to 17 of stat are utime, stime, cutime and cstime.
    ticks.set(
      Number(name),
      rest.slice(9, 13).reduce((sum, one) => sum + Number(one), 0),
    )
  }
  const found: number[] = []
  const waiting = [root]
  for (let pid = waiting.pop(); pid !== undefined; pid = waiting.pop()) {
    const own = children.get(pid) ?? []
    found.push(...own)
    waiting.push(...own)
  }
  const sum = found.reduce((all, pid) => all + (ticks.get(pid) ?? 0), 0)
  return { count: found.filter((pid) => !zombies.has(pid)).length, cpu: sum / 100 }
}

/** The fields of stat after the name, from the state on. */
function statusOf(pid: string): readonly string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}

/** The seconds of CPU that this whole machine was busy since it started. */
export function machineCpu(): number {
  const [, user, nice, system, , , irq, softirq] = (
    readFileSync('/proc/stat', 'latin1').split('\n', 1)[0] ?? ''
  ).split(/ +/)
  return [user, nice, system, irq, softirq].reduce((sum, one) => sum + Number(one), 0) / 100
}
