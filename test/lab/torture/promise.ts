import type { Done } from './inject.ts'
import type { Damage, Trial } from './trial.ts'

/** Seconds within which a host rolls back once its connection has been closed. */
const closing = 3
/** Seconds after the end of the lease within which it does so once it hears nothing from the runner. */
const beyondLease = 2
/** Seconds that a promise may be missed by: we look only now and then, and the machine has other work. */
export const usualSlack = 1.5

/** When hosts must be at rest with no help at the latest, and why. Undefined where nothing is promised. */
export interface Promised {
  readonly ground: 'closing' | 'silence' | 'end'
  /** On this process's clock. */
  readonly by: number
  /** From the damage on, without slack. */
  readonly seconds: number
}

/**
 * What the product promises after these damages. `endedAt`: when the run was over;
 * `slack`: seconds that this machine may add. Nothing is promised where nobody is
 * left to keep it: agent and watchdog both dead, a tool that goes on failing, no room to write.
 */
export function promiseOf(
  trial: Trial,
  done: readonly Done[],
  endedAt: number,
  slack: number,
): Promised | undefined {
  const kinds = done.map(({ damage }) => damage.kind)
  const maimed = done.some(
    ({ damage: { kind }, watched }) =>
      kind === 'watchdog-killed' || kind === 'both-killed' || watched === false,
  )
  const hindered = kinds.includes('run-full') || trial.brokenTool !== undefined
  if ((maimed && kinds.length > 1) || hindered) return undefined
  // One lock may wait for another.
  const locks = done.map(({ damage }) => (damage.kind === 'xtables-lock' ? damage.seconds : 0))
  const held = locks.reduce((sum, seconds) => sum + seconds, 0)
  const at = Math.max(0, ...done.map((one) => one.at))
  const within = (from: number, seconds: number): number => from + (seconds + slack + held) * 1000
  // A runner that lives works on hosts until it ends.
  const alive = done.some(killsRunner) ? 0 : within(endedAt, closing)
  const ground = groundOf(done)
  const seconds = ground === 'silence' ? trial.lease + beyondLease : closing
  return { ground, by: Math.max(ground === 'end' ? 0 : within(at, seconds), alive), seconds }
}

function groundOf(done: readonly Done[]): Promised['ground'] {
  if (done.some(({ damage }) => silent.has(damage.kind))) return 'silence'
  return done.some((one) => closed.has(one.damage.kind) || killsRunner(one)) ? 'closing' : 'end'
}

const silent: ReadonlySet<Damage['kind']> = new Set<Damage['kind']>(['cut', 'runner-stopped'])
const closed: ReadonlySet<Damage['kind']> = new Set([
  'reset',
  'sshd-killed',
  'ssh-killed',
  'agent-killed',
  'session-killed',
  'rebooted',
])

function killsRunner({ damage }: Done): boolean {
  return damage.kind === 'runner-killed' || (damage.kind === 'interrupted' && damage.twice)
}
