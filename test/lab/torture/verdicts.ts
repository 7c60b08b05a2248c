import type { Disturbed } from './disturb.ts'
import { differencesOfOthers, type Firewall, isBare } from './firewall.ts'
import type { RunEnd } from './runner.ts'
import { common, isAtRest, remains, type Standing } from './standing.ts'
import { bared, type Trial } from './trial.ts'

/** What is known of a trial when its hosts are judged. */
export interface Expected {
  /** Whether a decision was written down. */
  readonly decided: boolean
  /** Whether the trial has a second run, which may have made another whole state. */
  readonly second: boolean
}

/** What is wrong when the time of the hosts is over, without help: half hosts, remains, an undecided change. */
export function unaided(
  standings: readonly Standing[],
  { decided, second }: Expected,
): readonly string[] {
  const wrong = standings.filter((one) => !isAtRest(one)).map(unrest)
  const states = common(standings)
  const mixed = states.length === 0 && wrong.length === 0
  if (mixed && !decided) wrong.push('hosts are mixed, and nothing was decided')
  if (!mixed && !decided && !second && wrong.length === 0 && !states.includes('before')) {
    wrong.push('hosts keep a change that was never decided on')
  }
  return wrong
}

/** What is wrong at the very end, when everything has been finished: not all or none, or not as decided. */
export function atTheEnd(
  standings: readonly Standing[],
  others: readonly Firewall[],
  wanted: string | undefined,
): readonly string[] {
  const wrong = standings.filter((one) => !isAtRest(one)).map(unrest)
  const states = common(standings)
  if (wrong.length === 0 && states.length === 0) wrong.push('hosts are mixed after all')
  if (states.length > 0 && wanted !== undefined && !states.includes(wanted)) {
    wrong.push(`hosts are all in the state '${states.join(' = ')}', not '${wanted}'`)
  }
  for (const [at, { host, firewall }] of standings.entries()) {
    const expected = others[at]
    const differences = expected ? differencesOfOthers(expected, firewall) : []
    wrong.push(...differences.map((difference) => `${host}: rules of others: ${difference}`))
  }
  return wrong
}

/** A note for the next run must go with it. */
export function notes(standings: readonly Standing[]): readonly string[] {
  const keeping = standings.filter(({ files }) => files.includes('note'))
  return keeping.map(({ host }) => `${host}: the note is still there`)
}

function unrest({ host, states, processes, files }: Standing): string {
  const left = remains(files)
  return [
    `${host}:`,
    ...(states.length === 0 ? ['neither the whole change nor none of it;'] : []),
    ...(processes.length > 0 ? [`processes left: ${processes.join(' | ').slice(0, 300)};`] : []),
    ...(left.length > 0 ? [`files left: ${left.join(' ')};`] : []),
  ].join(' ')
}

/** What a run says of itself in its last line, by exit code. */
const words: Readonly<Record<number, RegExp>> = {
  0: /: done|nothing to do|nothing to finish|every/i,
  1: /./,
  2: /as before|nothing was changed|not ready/i,
  3: /as planned|now fails/,
  4: /as before|nothing was changed|not ready/i,
  8: /NOT COMPLETE|NOT KNOWN|recover/,
  130: /interrupted/i,
}

/** What is wrong with the exit code and the words of a run, by how hosts stood at its end. */
export function claims(
  run: RunEnd,
  standings: readonly Standing[],
  trial: Trial,
): readonly string[] {
  const wrong: string[] = []
  const text = `${run.stdout}\n${run.stderr}`
  if (run.code === undefined) return wrong
  const last = text.trimEnd().split('\n').at(-1) ?? ''
  const wording = words[run.code]
  if (!wording) wrong.push(`nobody expects exit code ${run.code}`)
  else if (!wording.test(text)) wrong.push(`exit code ${run.code} goes with '${last}'`)
  if (trial.faults.some(({ damage }) => damage.kind === 'second-runner')) return wrong
  const not = (state: string): string =>
    standings
      .filter(({ states }) => !states.includes(state))
      .map(({ host }) => host)
      .join(', ')
  if (run.code === 0 && not('after')) wrong.push(`exit code 0, but ${not('after')} lack the change`)
  if ([1, 2, 4, 5, 130].includes(run.code) && not('before')) {
    wrong.push(`exit code ${run.code} says that all is as it was, which ${not('before')} are not`)
  }
  if (
    run.code === 8 &&
    standings.every(isAtRest) &&
    common(standings).length > 0 &&
    !excused(trial, standings)
  ) {
    wrong.push(`exit code 8, but nothing is left: all hosts are '${common(standings).join(' = ')}'`)
  }
  return wrong
}

/** What no run may do under any fault. A second one on the same hosts makes its change or gives way. */
export function manners({ run, second, done }: Disturbed): readonly string[] {
  const runs = second ? [run, second] : [run]
  const wrong = runs.flatMap(({ stdout, stderr, overdue }) => [
    ...(/bug in fw-run/.test(stdout + stderr) ? ['a run calls itself a bug'] : []),
    ...(overdue ? ['a run did not come to an end'] : []),
  ])
  const alone = done.length === 1 && second?.code !== undefined
  return alone && ![0, 2, 3].includes(second.code)
    ? [...wrong, `the second run ended with ${second.code}`]
    : wrong
}

/** Where a host could not be asked, mends itself a moment later, or has lost by others the guard that it had before, 8 is right. */
function excused({ faults, brokenTool }: Trial, standings: readonly Standing[]): boolean {
  const flushed = new Set(faults.flatMap(({ damage }) => bared(damage)))
  return (
    brokenTool !== undefined ||
    standings.some(({ firewall }, at) => flushed.has(at) && isBare(firewall)) ||
    faults.some(({ damage }) =>
      ['cut', 'rebooted', 'sshd-killed', 'runner-stopped', 'run-full', 'xtables-lock'].includes(
        damage.kind,
      ),
    )
  )
}
