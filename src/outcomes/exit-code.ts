import { isUnconfirmed, type RunReport, statusOf } from './run-report.ts'

/** The exit code of a run. The worst wins: 8, then 130, then 4, then 2. */
export function exitCode(run: RunReport): number {
  const states = run.hosts.map((host) => statusOf(host, run))
  if (states.includes('incomplete')) return 8
  if (run.kind === 'interrupted' || run.watched?.interrupted || isUnconfirmed(run)) return 130
  if (states.includes('unreachable')) return 4
  if (states.includes('failed')) return 2
  switch (run.kind) {
    case 'refused':
    case 'rolled-back':
    case 'stale':
      return 2
    case 'pending':
    case 'moved':
      return 3
    case 'done':
      return run.command === 'status' && (isOpen(run) || isHeld(run)) ? 3 : 0
    case 'audited':
      return 0
  }
}

/** Whether a run on these hosts is still unfinished, so that they may not stay as they are. */
export function isOpen({ unfinished }: RunReport): boolean {
  return unfinished.some(({ state }) => state === 'unfinished')
}

/** Whether a run is at work on a host, so that it may not stay as it is. */
function isHeld({ hosts }: RunReport): boolean {
  return hosts.some(({ heldBy }) => heldBy !== undefined)
}
