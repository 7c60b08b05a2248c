import { briefProbe, type TriedProbe } from '../probes/tried-probe.ts'
import type { RunReport } from './run-report.ts'

/** Whether a command goes on though a probe fails before: the rule that it takes off may be what breaks that. */
export function forgives(command: string): boolean {
  return command === 'remove'
}

/** Whether a probe that fails before keeps a command from changing anything. */
export function stopped(command: string, probes: readonly TriedProbe[]): boolean {
  return !forgives(command) && probes.some(({ before }) => before?.kind === 'failed')
}

/** Why a run was refused before anything was changed, if a probe was the reason. */
export function probeRefusal({ command, probes }: RunReport): string | undefined {
  if (forgives(command)) return undefined
  const failed = probes.filter(({ before }) => before?.kind === 'failed')
  const [first] = failed
  if (first?.before?.kind !== 'failed') return undefined
  const more = failed.length === 1 ? '' : ` (and ${failed.length - 1} more)`
  return `probe ${briefProbe(first.probe)} fails as things are: ${first.before.reason}${more}`
}
