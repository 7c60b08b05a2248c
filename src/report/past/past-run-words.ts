import { isSure, type PastRun, type RunSummary } from '../../journal/past-run.ts'
import { hostList } from '../host-list.ts'

/** `run 20261123-100400-3f9a of 2026-11-23 10:04 by ann@jump`. */
function nameRun({ id, begun }: RunSummary): string {
  return `run ${id} of ${localTime(begun.time)} by ${begun.who}`
}

/** What a run that was interrupted has left, and what finishes it; or that this run has settled it. */
export function describeInterrupted(run: PastRun): string {
  const { begun, decided, hosts, ended, state } = run
  if (state === 'settled') return `${nameRun(run)} was interrupted; it is settled by this run.`
  const unsure = hostList(hosts.filter((host) => !isSure(host)).map(({ name }) => name))
  const end = ended ? 'ended without knowing all its hosts' : 'was interrupted'
  const what = decided
    ? `${end} after its decision: ${unsure} may lack the change.`
    : `${end} before its decision: ${unsure} should be as before, but nobody has looked.`
  const next = decided ? 'finishes it' : 'looks, and settles it'
  return `${nameRun(run)} ${what} \`fw-run recover -i ${begun.inventory}\` ${next}.`
}

/** The same for programs; `unsure` are the hosts of which nobody knows how they came out. */
export function jsonOfInterrupted(run: PastRun): object {
  const { id, begun, decided, hosts, state, settledBy } = run
  return {
    run: id,
    command: begun.command,
    time: begun.time,
    who: begun.who,
    inventory: begun.inventory,
    decided,
    state,
    settledBy,
    unsure: hosts.filter((host) => !isSure(host)).map(({ name }) => name),
    words: describeInterrupted(run),
  }
}

/** How a run came out, in a few words for a list. */
export function outcomeOf({ state, begun, ended, settledBy }: RunSummary): string {
  if (state === 'running') return `still at work (process ${begun.pid})`
  if (state === 'unsettled') return `UNSETTLED: ${ended?.words ?? 'interrupted'}`
  const words = ended?.words ?? 'interrupted'
  return settledBy === undefined ? words : `${words}; settled by ${settledBy}`
}

/** A time as the clock on the wall shows it: `2026-11-23 10:04`. */
export function localTime(time: string): string {
  const at = new Date(time)
  const two = (number: number): string => `${number}`.padStart(2, '0')
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}`
}
