import type { Disturbed } from './disturb.ts'
import type { Promised } from './promise.ts'
import type { Trial } from './trial.ts'

/** How long hosts took to settle after a damage, in seconds, for the promise that it falls under. */
export interface Measured {
  readonly ground: 'closing' | 'silence'
  readonly seconds: number
  /** What was promised, in seconds. */
  readonly promised: number
}

/** What came of one trial. */
export interface TrialResult {
  readonly trial: Trial
  readonly disturbed: Disturbed
  /** What went against the promises, in words. */
  readonly violations: readonly string[]
  readonly decided: boolean
  /** How hosts stood when they had had their time and no help; `pending`: something was still to be done. */
  readonly outcome: 'all' | 'none' | 'mixed' | 'pending' | 'another whole state'
  /** Whether it took another run of the product to settle them. */
  readonly helped: boolean
  readonly times: readonly Measured[]
  /** What a person needs who looks into a violation. */
  readonly evidence: string
}

/** The times worth telling: one fault, that came in the middle of a transaction, and nobody who mends it but the hosts. */
export function timesOf(
  { done }: Disturbed,
  settledAt: readonly (number | undefined)[],
  decided: boolean,
  promise: Promised | undefined,
): readonly Measured[] {
  const [only, ...more] = done
  if (!only || more.length > 0 || decided) return []
  if (only.stage !== 'applying' && only.stage !== 'applied') return []
  if (promise === undefined || promise.ground === 'end') return []
  const { ground, seconds: promised } = promise
  const victims = 'hosts' in only.damage ? only.damage.hosts : settledAt.keys()
  return [...victims].flatMap((at) => {
    const since = settledAt[at]
    return since === undefined
      ? []
      : [{ ground, promised, seconds: Math.max(0, since - only.at) / 1000 }]
  })
}
