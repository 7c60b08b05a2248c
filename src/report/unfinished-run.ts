import { argumentsOf, isStdin } from '../inventory/source-names.ts'
import { hostsInQuestion, isSure, type PastHost, type PastRun } from '../journal/past-run.ts'
import { hostList } from '../text/host-list.ts'
import { typed } from '../text/shell-quotes.ts'
import { version } from '../version.ts'
import { utcTime, whyPartlyRead } from '../words/past-run.ts'

/** What a dead run has left, and what finishes it: `recover`, or the run at hand; or that this run finished it. */
export function describeUnfinished(run: PastRun, by: 'recover' | 'this run' = 'recover'): string {
  const { id, begun, decided, ended, state } = run
  const name = `run ${id} (${begun.command} of ${utcTime(begun.time)} by ${begun.who})`
  if (state === 'finished') return `${name} was unfinished; this run has finished it.`
  if (run.partlyRead) {
    return `${name} is unfinished: ${whyPartlyRead(run)}. ${unsureNames(run)} may have all of the change, a part of it, or nothing. ${partlyReadRemedy(run)}`
  }
  const what = decided ? afterDecision(run) : beforeDecision(run)
  const given = takesStdin(begun.inventory)
    ? '. In place of INVENTORY, give a file with the inventory that the run read from stdin'
    : ''
  const recover = `${recoverCommand(begun.inventory)} finishes that run${given}`
  const next = by === 'recover' ? recover : 'The run that starts now finishes it, too'
  return `${name} ${ended ? 'ended' : 'died'} ${what}. ${next}.`
}

/** What to do about a run whose journal could be read only in part. */
export function partlyReadRemedy({ begun, file }: PastRun): string {
  const command = recoverCommand(begun.inventory)
  const first =
    begun.version === version
      ? ''
      : `To finish it, run ${command} with fw-run ${begun.version}. If you cannot, `
  const words = `run \`fw-run apply\` or \`fw-run remove\` on all hosts of that run, then move ${file} to another directory.`
  return first === '' ? `R${words.slice(1)}` : `${first}${words}`
}

/** The same in one line of a result, for a reader of the warning. */
export function briefUnfinished(run: PastRun): string {
  const name = `run ${run.id} (${run.begun.command})`
  return run.state === 'finished'
    ? `${name} was unfinished; this run has finished it`
    : `${name} is unfinished on ${unsureNames(run)}`
}

/** The same for programs; `unsure` are the hosts of which nobody knows how they came out. */
export function jsonOfUnfinished(run: PastRun) {
  const { id, begun, decided, state, finishedBy } = run
  return {
    run: id,
    command: begun.command,
    started: begun.time,
    who: begun.who,
    inventory: begun.inventory,
    decided,
    state,
    finishedBy,
    unsure: namesInDoubt(run),
    words: describeUnfinished(run),
  }
}

/** The command that finishes the unfinished runs of an inventory, or only the one that is named; where `-i -` was given, with a file for it. */
export function recoverCommand(origin: string, run?: string): string {
  const name = run === undefined ? '' : ` ${run}`
  const stdin = takesStdin(origin) ? ' < INVENTORY' : ''
  return `\`fw-run recover${name} ${inventoryFlags(origin)}${stdin}\``
}

function takesStdin(origin: string): boolean {
  return argumentsOf(origin).some(isStdin)
}

/** The flags that name the inventory of a past run. */
export function inventoryFlags(origin: string): string {
  return argumentsOf(origin)
    .map((argument) => `-i ${typed(argument)}`)
    .join(' ')
}

function beforeDecision(run: PastRun): string {
  const unsure = unsureHosts(run)
  const found = unsure.filter(({ outcome }) => outcome?.kind === 'incomplete' && !outcome.unseen)
  const rest = unsure.filter((host) => !found.includes(host))
  const unchecked = run.ended ? 'fw-run could not check that' : 'nobody has checked that yet'
  return [
    'before it decided to keep the change',
    ...(found.length > 0
      ? [
          `${namesOf(found)}: not as before when that run last looked. \`fw-run runs ${run.id}\` shows what was left`,
        ]
      : []),
    ...(rest.length > 0 ? [`${namesOf(rest)}: probably as before, but ${unchecked}`] : []),
  ].join('. ')
}

function afterDecision(run: PastRun): string {
  const names = unsureNames(run)
  return run.ended
    ? `after it decided to keep the change. ${names} did not confirm, and ${lack(run)}`
    : `after it decided to keep the change. ${names} ${lack(run)}`
}

/** What it means for a host if it lacks the change of a run. */
function lack(run: PastRun): string {
  const unsure = unsureHosts(run)
  if (unsure.some(({ intent }) => intent.kind === 'remove')) return 'may still be protected'
  const fresh = unsure.every(({ changes }) =>
    changes.some((change) =>
      change.kind === 'rules'
        ? change.before.length === 0
        : (change.kind === 'table' || change.kind === 'chain') && change.before === undefined,
    ),
  )
  return fresh ? 'may still be unprotected' : 'may still not have the change'
}

function unsureHosts({ hosts }: PastRun): readonly PastHost[] {
  return hosts.filter((host) => !isSure(host))
}

function namesInDoubt(run: PastRun): readonly string[] {
  const hosts = run.partlyRead ? hostsInQuestion(run) : unsureHosts(run)
  return hosts.map(({ name }) => name)
}

function namesOf(hosts: readonly PastHost[]): string {
  return hostList(hosts.map(({ name }) => name))
}

function unsureNames(run: PastRun): string {
  return hostList(namesInDoubt(run))
}
