import { isFinished, type RecoverReport } from './recovery.ts'
import { hasUnfinished, isUnconfirmed, type RunReport, statusOf } from './run-report.ts'

/**
 * The exit code of a run. The worst comes first: 8 some host is not as it should be, or nobody knows; 130
 * interrupted, or nobody confirmed; 3 the change is kept, but is no longer as planned, or the watch could not read a host; 4 a
 * host could not be reached; 2 a host failed. Then it is by what the run came to: 3 if something is left to do, or a host was left out.
 */
export function exitCode(run: RunReport): number {
  const states = run.hosts.map((host) => statusOf(host, run))
  if (states.includes('incomplete')) return 8
  if (run.kind === 'interrupted' || run.watched?.interrupted || isUnconfirmed(run)) return 130
  // 4 and 2 say that every host is as before, and here the change is kept.
  if (run.kind === 'moved' || run.watched?.unread) return 3
  if (states.includes('unreachable')) return 4
  if (states.includes('failed')) return 2
  switch (run.kind) {
    case 'refused':
    case 'rolled-back':
    case 'stale':
      return 2
    case 'pending':
      return 3
    case 'declined':
      return 130
    case 'audited':
      return 0
    case 'done':
      return states.includes('left-out') ? 3 : codeOfDone(run)
  }
}

/** All hosts are as wanted. Who only looks also wants to know whether they may stay so. */
function codeOfDone(run: RunReport): 0 | 3 {
  switch (run.purpose) {
    case 'look':
      return hasUnfinished(run) || isHeld(run) ? 3 : 0
    case 'audit':
    case 'change':
      return 0
  }
}

/** Whether another run holds a host, so that it may not stay as it is. */
function isHeld({ hosts }: RunReport): boolean {
  return hosts.some(({ heldBy }) => heldBy !== undefined)
}

/**
 * The exit code of `recover`. 0: all runs are finished, or there were none. 8: a host is unfinished, also if it only was not
 * reached, or a journal could not be marked. 130: interrupted before the end, with every host as it was found. What is
 * finished is finished, also if it was interrupted then.
 */
export function exitCodeOfRecovery({ recoveries, interrupted }: RecoverReport): number {
  const hosts = recoveries.flatMap((one) => one.hosts)
  if (hosts.some((host) => host.kind === 'unfinished' && host.doubtful)) return 8
  if (recoveries.every(isFinished)) return 0
  return interrupted ? 130 : 8
}
