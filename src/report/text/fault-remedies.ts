import type { HostFault } from '../../transaction/outcome.ts'

/** What to do about a fault of a host after its change was rolled back. */
export const faultRemedies: Readonly<Record<HostFault['kind'], string>> = {
  failed: 'Remove the cause on that host, then run the same command again.',
  lost: 'Check that you can log in to that host by SSH, then run the same command again.',
  locked: 'Wait until that run has ended, then run the same command again.',
  stale: 'Run the same command again in a minute.',
  unfit:
    '`fw-run preflight` shows which check fails now, and what to do. If none fails, run the same command again.',
  unheard:
    'The jump host stood still, or the network was down, for longer than the lease. Run the same command again. If it happens again, give a longer --lease.',
}
