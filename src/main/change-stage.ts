import type { RunEvent } from '../events.ts'

/**
 * How far a run has come with its change. `open`: it would roll back what it has changed. `decided`: all hosts will keep the
 * change. `committed`: every host was told so, and has answered or was waited for.
 */
export type ChangeStage = 'open' | 'decided' | 'committed'

/** The stage after an event. `recover` may go through the stages several times. */
export function stageAfter(stage: ChangeStage, event: RunEvent): ChangeStage {
  if (event.kind === 'decided') return 'decided'
  if (event.kind === 'phase-ended' && event.phase === 'commit') return 'committed'
  const begins = event.kind === 'phase-started' && ['recover', 'apply'].includes(event.phase)
  return begins ? 'open' : stage
}
