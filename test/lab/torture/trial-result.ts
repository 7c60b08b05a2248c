import type { Disturbed } from './disturb.ts'
import type { Promised } from './promise.ts'
import type { Trial } from './trial.ts'

/** How many seconds after a damage hosts were at rest, and the promise that this falls under. */
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
  /** How hosts stood when their time was over, without help; `pending`: something was still to be done. */
  readonly outcome: 'all' | 'none' | 'mixed' | 'pending' | 'another whole state'
  /** Whether it took another run of the product to finish them. */
  readonly helped: boolean
  readonly times: readonly Measured[]
  /** What somebody needs to look into a violation. */
  readonly evidence: string
}

/** The times worth telling: of a single fault in the middle of a transaction that only the hosts themselves mend. */
export function timesOf(
  { done }: Disturbed,
  restedAt: readonly (number | undefined)[],
  decided: boolean,
  promise: Promised | undefined,
): readonly Measured[] {
  const [only, ...more] = done
  if (!only || more.length > 0 || decided) return []
  if (only.stage !== 'applying' && only.stage !== 'applied') return []
  if (promise === undefined || promise.ground === 'end') return []
  const { ground, seconds: promised } = promise
  const victims = 'hosts' in only.damage ? only.damage.hosts : restedAt.keys()
  return [...victims].flatMap((at) => {
    const since = restedAt[at]
    return since === undefined
      ? []
      : [{ ground, promised, seconds: Math.max(0, since - only.at) / 1000 }]
  })
}
