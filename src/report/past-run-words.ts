import { isSure, type PastRun, type RunSummary } from '../journal/past-run.ts'
import { typed } from '../shell.ts'
import { hostList } from './host-list.ts'

/** `run 20261123-100400-3f9a, apply of 2026-11-23 10:04Z by ann@jump,`. */
function nameRun({ id, begun }: RunSummary): string {
  return `run ${id}, ${begun.command} of ${utcTime(begun.time)} by ${begun.who},`
}

/** What a run that was interrupted has left, and what finishes it: `recover`, or the run at hand; or that it is settled. */
export function describeInterrupted(run: PastRun, by: 'recover' | 'this run' = 'recover'): string {
  const { begun, decided, ended, state } = run
  if (state === 'finished') return `${nameRun(run)} was interrupted; it is settled by this run.`
  const what = decided ? afterDecision(run) : beforeDecision(run)
  const end = ended ? 'ended' : 'was interrupted'
  const recovers = `\`fw-run recover -i ${typed(begun.inventory)}\` ${decided ? 'finishes it' : 'looks, and settles it'}`
  const next = by === 'recover' ? recovers : 'This run settles it when it is done on all hosts'
  return `${nameRun(run)} ${end} ${what}. ${next}.`
}

/** The same in one line of a result, for whoever has read the warning. */
export function briefInterrupted(run: PastRun): string {
  const { id, begun, state } = run
  const name = `run ${id} (${begun.command})`
  return state === 'finished'
    ? `${name} was interrupted; it is settled by this run`
    : `${name} is not settled on ${unsureHosts(run)}`
}

function beforeDecision(run: PastRun): string {
  const hosts = unsureHosts(run)
  return run.ended
    ? `before its decision, and ${hosts} could not be looked at: ${theyOf(run)} should be as before`
    : `before its decision: ${hosts} should be as before, but nobody has looked`
}

function afterDecision(run: PastRun): string {
  const hosts = unsureHosts(run)
  return run.ended
    ? `after its decision, and ${hosts} did not confirm: ${theyOf(run)} ${lack(run)}`
    : `after its decision: ${hosts} ${lack(run)}`
}

/** What it means for a host if it lacks the change of a run. */
function lack({ hosts }: PastRun): string {
  const unsure = hosts.filter((host) => !isSure(host))
  if (unsure.some(({ intent }) => intent.kind === 'remove')) return 'may still be protected'
  const fresh = unsure.every(({ changes }) =>
    changes.some((change) => change.kind === 'rules' && change.before.length === 0),
  )
  return fresh ? 'may still be unprotected' : 'may still lack the change'
}

function unsureHosts({ hosts }: PastRun): string {
  return hostList(hosts.filter((host) => !isSure(host)).map(({ name }) => name))
}

function theyOf({ hosts }: PastRun): string {
  return hosts.filter((host) => !isSure(host)).length === 1 ? 'it' : 'they'
}

/** The same for programs; `unsure` are the hosts of which nobody knows how they came out. */
export function jsonOfInterrupted(run: PastRun): object {
  const { id, begun, decided, hosts, state, finishedBy } = run
  return {
    run: id,
    command: begun.command,
    time: begun.time,
    who: begun.who,
    inventory: begun.inventory,
    decided,
    state,
    finishedBy,
    unsure: hosts.filter((host) => !isSure(host)).map(({ name }) => name),
    words: describeInterrupted(run),
  }
}

/** How a run came out, in a few words for a list. */
export function outcomeOf(run: RunSummary): string {
  const { state, begun, ended, finishedBy } = run
  if (state === 'running') return `still at work (process ${begun.pid})`
  const words = ended?.words ?? interruptedWords(run)
  if (state === 'unfinished') return `UNSETTLED: ${words}`
  return finishedBy === undefined ? words : `${words}; settled by ${finishedBy}`
}

/** How far a run came that was killed. */
function interruptedWords({ state, begun, finishedBy, came }: RunSummary): string {
  if (state === 'unfinished' || finishedBy !== undefined) return 'interrupted'
  if (came.planned === 0) return 'interrupted before any change'
  return came.committed > 0
    ? `interrupted; changed ${came.committed} of ${begun.hosts.length}`
    : 'interrupted; taken back'
}

/** A time to the minute, in UTC as the ids of runs are: `2026-11-23 10:04Z`. */
export function utcTime(time: string): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')}Z`
}
