import { briefProbe, type TriedProbe } from '../probes/tried-probe.ts'
import type { RunReport } from './run-report.ts'

/** What decides whether a failing probe stops a run. */
type Asked = Pick<RunReport, 'goal' | 'probes'>

/**
 * Whether a probe may fail before the change. To remove our rule goes on all the same: that rule may be what breaks the
 * probe.
 */
export function forgivesProbes({ goal }: Pick<RunReport, 'goal'>): boolean {
  switch (goal) {
    case 'remove':
      return true
    case 'protect':
      return false
  }
}

/** Whether a probe that fails before the change keeps a run from changing anything. */
export function isStoppedByProbe(run: Asked): boolean {
  return failedBefore(run).length > 0
}

/** Which probe stopped a run before it changed anything, and why; undefined if none did. */
export function probeRefusal(run: Asked): string | undefined {
  const [first, ...others] = failedBefore(run)
  if (first?.before?.kind !== 'failed') return undefined
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`
  return `probe ${briefProbe(first.probe)} already fails before any change: ${first.before.reason}${more}`
}

function failedBefore(run: Asked): readonly TriedProbe[] {
  return forgivesProbes(run) ? [] : run.probes.filter(({ before }) => before?.kind === 'failed')
}
