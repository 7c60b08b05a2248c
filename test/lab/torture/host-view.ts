import { readFileSync } from 'node:fs'
import type { LabHost } from '../host.ts'
import type { Lab } from '../lab.ts'

/** One host as this process sees it from outside, without running anything there. */
export interface HostView {
  readonly name: string
  /** Its first process, as this machine numbers it. */
  readonly init: number
  /** A path of the host as this process can open it. */
  path(inside: string): string
}

/** Looks at a host of a lab from outside. */
export function viewHost(lab: Lab, host: LabHost): HostView {
  const inner = readFileSync(`/proc/${lab.pid}/root/dev/shm/hosts/${host.name}/pid`, 'utf8').trim()
  const init = descendants(lab.pid).find((pid) => {
    const numbers = /^NSpid:\s+(.*)$/m.exec(readProc(pid, 'status'))?.[1]?.split('\t') ?? []
    return numbers.at(-1) === '1' && numbers.at(-2) === inner
  })
  if (init === undefined) throw new Error(`${host.name} has no first process.`)
  return { name: host.name, init, path: (inside) => `/proc/${init}/root${inside}` }
}

/** Every process below one, as this machine numbers them. */
export function descendants(pid: number): readonly number[] {
  // The kernel may leave one out where another ends while it writes the list: it is asked twice.
  const ask = () => readProc(pid, `task/${pid}/children`).split(' ').filter(Boolean).map(Number)
  const children = [...new Set([...ask(), ...ask()])]
  return children.flatMap((child) => [child, ...descendants(child)])
}

/** A file of a process in /proc; empty if the process has gone. */
export function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}
