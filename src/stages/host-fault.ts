import type { ReportedFault } from '../report/run-report.ts'
import type { HostFault, Settlement } from '../transaction/outcome.ts'

/**
 * What went wrong on a host, told by what it had come to: one that had verified its change is lost while it holds it, and
 * one that took its change back because it heard nothing can be reached.
 */
export function faultOf(
  { host, fault }: Pick<Settlement, 'host' | 'fault'>,
  verified: ReadonlySet<string>,
): ReportedFault | undefined {
  if (!fault) return undefined
  const step = fault.step === 'apply' && verified.has(host) ? 'hold' : fault.step
  return { ...fault, step, kind: tookBack(fault) ? 'unheard' : fault.kind }
}

/** The words of the watchdog (watchdog.sh), and of the lease where the host was asked (lease.ts). */
function tookBack({ reason }: HostFault): boolean {
  return /nothing was heard from its runner|it had heard nothing for its lease/.test(reason)
}
