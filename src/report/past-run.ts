import { argumentsOf, nameOf } from '../inventory/source-names.ts'
import type { PastHost, PastRun } from '../journal/past-run.ts'
import { plainChange } from '../journal/recorded-change.ts'
import { countHosts, groupHosts, hostList } from '../text/host-list.ts'
import type { Paint } from '../text/paint.ts'
import { outcomeOf, utcTime, withoutPlan } from '../words/past-run.ts'
import { phaseWords } from '../words/phases.ts'
import { describeStep } from '../words/trouble.ts'
import { wavesInOrder } from '../words/waves.ts'
import { inColumns } from './layout/columns.ts'
import { joinSections, section } from './layout/sections.ts'
import { jsonOfSummary } from './past-runs.ts'
import { describeChange } from './text/change-words.ts'
import { diffChange } from './text/diff.ts'
import { describeUnfinished } from './unfinished-run.ts'

/** One past run in full: who ran it, what was planned on which hosts, what went wrong, and how each host came out. */
export function renderPastRun(run: PastRun, diff: boolean, paint: Paint): readonly string[] {
  return joinSections([
    [paint('bold', `RUN ${run.id}`), ...headLines(run)],
    section('PLANNED', planLines(run, diff, paint), paint),
    section('TROUBLE', troubleLines(run), paint),
    section('HOSTS', hostLines(run), paint),
    [`runs: ${run.state === 'unfinished' ? describeUnfinished(run) : `${outcomeOf(run)}.`}`],
  ])
}

/** What the JSON document of one past run holds. */
export function jsonOfPastRun(past: PastRun) {
  const { begun, decided, partlyRead, hosts, waves, tolerated, troubles, objections } = past
  const { version, inventory, limit, lease } = begun
  return {
    past: {
      ...jsonOfSummary(past),
      ...{ version, inventory, limit, lease, decided, partlyRead },
      planned: hosts.map(({ name, address, changes, intent, outcome, fault }) => ({
        ...{ host: name, address, changes: changes.map(plainChange), intent, outcome, fault },
      })),
      troubles: troubles.map(({ time, phase, host, detail }) => ({ time, phase, host, detail })),
      objections,
      ...(waves.length > 0 && { waves }),
      tolerated,
    },
  }
}

function headLines({ begun, ended, decided, edit, waves }: PastRun): readonly string[] {
  const took = ended ? (Date.parse(ended.time) - Date.parse(begun.time)) / 1000 : undefined
  const limit = begun.limit === null ? '' : `, limit ${begun.limit}`
  return [
    `  ${begun.command} by ${begun.who}, ${utcTime(begun.time)}${took === undefined ? '' : `, took ${took.toFixed(1)} s`}`,
    `  inventory ${nameOf(argumentsOf(begun.inventory))}${limit}, lease ${begun.lease} s, fw-run ${begun.version}`,
    ...(waves.length > 0 ? [`  ${waves.length} waves: ${wavesInOrder(waves)}`] : []),
    `  decided to keep the change: ${decided ? 'yes' : 'no'}`,
    ...(edit ? [`  inventory file ${edit.file}: ${edit.change.kind} ${edit.change.name}`] : []),
  ]
}

function planLines({ hosts }: PastRun, diff: boolean, paint: Paint): readonly string[] {
  const words = ({ changes }: PastHost): string =>
    changes
      .flatMap((change) => (diff ? diffChange(change, paint) : describeChange(change)))
      .join('\n') || 'nothing left to change'
  return [...groupHosts(hosts, words)].flatMap(([lines, group]) => [
    `  ${countHosts(group.length)}: ${hostList(group.map(({ name }) => name))}`,
    ...lines.split('\n').map((line) => `    ${line}`),
  ])
}

function troubleLines({ troubles, objections }: PastRun): readonly string[] {
  const steps = troubles.map(({ phase, host, detail }) => {
    const title = isPhase(phase) ? phaseWords[phase] : phase
    return `  ${host}: ${title}: ${detail ?? 'failed'}`
  })
  // An objection about one host is also a failed step of that host, shown above.
  const others = objections.filter(({ host }) => host === undefined)
  return [
    ...steps,
    ...others.map(
      ({ kind, reason }) => `  ${kind === 'unconfirmed' ? 'not confirmed: ' : ''}${reason}`,
    ),
  ]
}

function isPhase(name: string): name is keyof typeof phaseWords {
  return Object.hasOwn(phaseWords, name)
}

const outcomes: Readonly<Record<NonNullable<PastHost['outcome']>['kind'], string>> = {
  committed: 'changed',
  untouched: 'not touched',
  'rolled-back': 'rolled back',
  incomplete: 'NOT COMPLETE',
}

function hostLines(run: PastRun): readonly string[] {
  const { begun, hosts, finishedBy } = run
  const names = inColumns(
    begun.hosts.map((name) => [name]),
    '',
  )
  return begun.hosts.map((name, index) => {
    const host = hosts.find((one) => one.name === name)
    const words = host ? outcomeWords(host, finishedBy) : withoutPlan(name, run)
    return `  ${names[index]} : ${words}`
  })
}

function outcomeWords({ outcome, fault }: PastHost, finishedBy: string | undefined): string {
  const unsure = !outcome || outcome.kind === 'incomplete'
  if (unsure && finishedBy !== undefined) return `finished by run ${finishedBy}`
  if (!outcome) return 'not known'
  const left = outcome.left ? `: ${outcome.left}` : ''
  const why = fault ? `, fault ${describeStep(fault.step)}: ${fault.reason}` : ''
  return `${outcomes[outcome.kind]}${left}${why}`
}
