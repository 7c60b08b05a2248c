import type { Arena } from './arena.ts'
import type { Disturbed } from './disturb.ts'
import { callsOf } from './hooks.ts'
import type { RunEnd } from './runner.ts'
import { describeStanding, type Standing } from './standing.ts'
import type { Fault, Moment, Trial } from './trial.ts'

/** All that is known of one trial. */
interface Known {
  readonly arena: Arena
  readonly trial: Trial
  readonly disturbed: Disturbed
  readonly atExit: readonly Standing[]
  readonly alone: readonly Standing[]
  readonly last: readonly Standing[]
  readonly further: readonly RunEnd[]
  readonly journal: readonly string[]
}

/** A trial in lines, for somebody who looks for a cause. */
export function evidence(known: Known): string {
  const { arena, trial, disturbed, journal } = known
  const runs = [disturbed.run, ...(disturbed.second ? [disturbed.second] : []), ...known.further]
  const standing = (title: string, all: readonly Standing[]): string[] => [
    `--- ${title}`,
    ...all.map(describeStanding),
  ]
  return [
    ...arena.hosts.map(({ lab: { name, spec } }) =>
      [
        name,
        spec.flavour,
        spec.login,
        spec.shell,
        `sh=${spec.sh}`,
        spec.usePty ? 'pty' : 'no pty',
        spec.noisy ? 'noisy' : '',
      ].join(' '),
    ),
    ...describeTrial(trial),
    ...disturbed.done.map(({ damage, stage }) => `came: ${damage.kind}, ${stage}`),
    ...runs.flatMap(describeRun),
    ...standing('when the run had ended', known.atExit),
    ...standing('when hosts had had their time', known.alone),
    ...standing('at the end', known.last),
    '--- last calls',
    ...arena.hosts.flatMap(({ view }) =>
      callsOf(view)
        .slice(-12)
        .map((call) => `${view.name} ${call.slice(0, 150)}`),
    ),
    '--- journals',
    ...journal.map((line) => line.slice(0, 300)),
  ].join('\n')
}

/** What a trial does, a line for each thing. */
function describeTrial(trial: Trial): readonly string[] {
  const { brokenTool } = trial
  return [
    `${trial.command} on hosts that are ${trial.start}, lease ${trial.lease} s ${trial.waves.join(' ')}`.trim(),
    ...trial.faults.map(describeFault),
    ...(brokenTool ? [`tool: ${JSON.stringify(brokenTool)}`] : []),
    ...(trial.writers.length > 0 ? ['others write meanwhile'] : []),
  ]
}

function describeFault({ damage, moment }: Fault): string {
  return `fault: ${JSON.stringify(damage)} at ${describeMoment(moment)}`
}

function describeMoment(moment: Moment): string {
  const { kind, ...rest } = moment
  return `${kind} ${Object.values(rest).join(' ')}`.trim()
}

function describeRun({ words, code, stdout, stderr, seconds }: RunEnd): readonly string[] {
  return [
    `--- fw-run ${words.join(' ')}: ${code === undefined ? 'killed' : `exit code ${code}`} after ${seconds.toFixed(1)} s`,
    ...tail(stderr, 15),
    ...tail(stdout, 15),
  ]
}

function tail(text: string, lines: number): readonly string[] {
  return text
    .trimEnd()
    .split('\n')
    .slice(-lines)
    .map((line) => `  ${line.slice(0, 300)}`)
}
