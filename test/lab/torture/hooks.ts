import {
  closeSync,
  constants,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { LabHost } from '../host.ts'
import type { HostView } from './host-view.ts'

/** Which calls of a tool of one host go wrong: fail with a code, or are held until `releaseCalls`. */
export interface CallPlan {
  /** One tool, or all that are watched, in the order of their calls. */
  readonly tool: WatchedTool | 'any'
  /** The first such call and the last, counted from 1. */
  readonly from: number
  readonly to: number
  readonly act: 'hold' | { readonly fail: number }
}

/** The tools whose calls are counted: what changes a firewall, and what decides who may change it. */
export const watchedTools = [
  'iptables',
  'ipset',
  'nft',
  'mkdir',
  'ln',
  'mv',
  'rm',
  'setsid',
] as const
export type WatchedTool = (typeof watchedTools)[number]

const directory = '/usr/lib/lab/hook'

/** Puts the hook before the watched tools of a host, for as long as the lab lives. */
export async function installHooks(host: LabHost): Promise<void> {
  const script = readFileSync(fileURLToPath(new URL('./hook.sh', import.meta.url)), 'utf8')
  const links = watchedTools.map((tool) => `ln -s ${directory}/hook /usr/local/sbin/${tool}`)
  const answer = await host.run(
    `mkdir -p ${directory} && cat >${directory}/hook && chmod 755 ${directory}/hook &&
     mkfifo ${directory}/release && ${links.join(' && ')}`,
    { stdin: script },
  )
  if (answer.code !== 0) throw new Error(`${host.name}: no hooks: ${answer.stderr}`)
}

/** Counts calls from zero and makes them go wrong as planned. Without a plan nothing is counted. */
export function planCalls(view: HostView, plans: readonly CallPlan[] | undefined): void {
  const file = (name: string): string => view.path(`${directory}/${name}`)
  if (!plans) {
    rmSync(file('plan'), { force: true })
    return
  }
  for (const name of ['any', ...watchedTools]) writeFileSync(file(name), '0\n')
  for (const name of ['log', 'held']) writeFileSync(file(name), '')
  writePlan(view, plans)
}

/** The calls so far, `N TOOL NTH: ARGUMENTS` each. */
export function callsOf(view: HostView): readonly string[] {
  return linesOf(view.path(`${directory}/log`))
}

/** The calls that were held so far, `N TOOL` each. */
export function heldCalls(view: HostView): readonly string[] {
  return linesOf(view.path(`${directory}/held`))
}

/** Lets this number of held calls go on. From now on only those of `rest` go wrong. */
export function releaseCalls(view: HostView, count: number, rest: readonly CallPlan[]): void {
  writePlan(view, rest)
  const fifo = openSync(view.path(`${directory}/release`), constants.O_RDWR | constants.O_NONBLOCK)
  writeSync(fifo, '\n'.repeat(count))
  // Held calls have the pipe open already, so what is in it stays until they have read it.
  setTimeout(() => closeSync(fifo), 100)
}

function writePlan(view: HostView, plans: readonly CallPlan[]): void {
  const lines = plans.map(({ tool, from, to, act }) =>
    [tool, from, to, ...(act === 'hold' ? ['hold', '-'] : ['fail', act.fail])].join(' '),
  )
  writeFileSync(view.path(`${directory}/plan`), lines.map((line) => `${line}\n`).join(''))
}

function linesOf(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').filter(Boolean)
  } catch {
    return []
  }
}
