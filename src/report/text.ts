import type { PastRun } from '../journal/past-run.ts'
import type { Verdict } from '../preflight/check.ts'
import { block } from './block.ts'
import { changeBlocks } from './change-blocks.ts'
import { conclusion } from './conclusion.ts'
import { faultLines } from './fault-lines.ts'
import { countHosts, groupHosts, hostList } from './host-list.ts'
import { objectionLines } from './objection-words.ts'
import type { Paint } from './paint.ts'
import { briefInterrupted } from './past/past-run-words.ts'
import { probeLines } from './probe-lines.ts'
import { recap } from './recap.ts'
import { reservation } from './reservation.ts'
import type { HostReport, RunReport } from './run-report.ts'

/** A run for a person: what checks found, what was to be done, what went wrong, and the recap. Equal hosts share lines. */
export function renderText(report: RunReport, verbose: boolean, paint: Paint): readonly string[] {
  const all = verbose || report.command === 'preflight'
  const faults = [...faultLines(report, paint), ...objectionLines(report, paint)]
  const parts = [
    section('CHECKS', checkLines(report, all, paint), paint),
    section('PROBES', probeLines(report, all, paint), paint),
    section(changesTitle(report), changeLines(report), paint),
    section('TRAFFIC', trafficLines(report), paint),
    section('NOTES', noteLines(report), paint),
    section('FAULTS', faults, paint),
    section('INTERRUPTED', report.interrupted.map(interruptedLine), paint),
    section('RECAP', [...recap(report, paint), '', ...leftOut(report), conclusion(report)], paint),
  ]
  return parts
    .filter((part) => part.length > 0)
    .flatMap((part, i) => (i === 0 ? part : ['', ...part]))
}

function leftOut({ leftOut: names }: RunReport): readonly string[] {
  if (names.length === 0) return []
  return [
    `--limit left out ${countHosts(names.length)} of the inventory, not looked at: ${hostList(names)}.`,
  ]
}

function section(title: string, lines: readonly string[], paint: Paint): readonly string[] {
  return lines.length === 0 ? [] : [paint('bold', title), ...lines]
}

interface Asked {
  readonly host: string
  readonly title: string
  readonly verdict: Verdict
}

function checkLines(report: RunReport, all: boolean, paint: Paint): readonly string[] {
  const asked: Asked[] = report.hosts.flatMap(({ host, findings }) =>
    findings.map(({ title, verdict }) => ({ host, title, verdict })),
  )
  return [...groupHosts(asked, ({ title }) => title)].flatMap(([title, answers]) => {
    const troubled = answers.filter(({ verdict }) => verdict.kind !== 'pass')
    if (troubled.length === 0) {
      return all
        ? [`${paint('green', 'ok  ')}  ${title.padEnd(42)} ${countHosts(answers.length)}`]
        : []
    }
    return [...groupHosts(troubled, ({ verdict }) => JSON.stringify(verdict)).values()].flatMap(
      (group) => troubleLines(title, group, paint),
    )
  })
}

function troubleLines(title: string, group: readonly Asked[], paint: Paint): readonly string[] {
  const verdict = group[0]?.verdict
  if (!verdict || verdict.kind === 'pass') return []
  const word = verdict.kind === 'fail' ? paint('red', 'FAIL') : paint('yellow', 'warn')
  return [
    `${word}  ${title}: ${hostList(group.map(({ host }) => host))}`,
    ...block(verdict.reason, '      '),
    ...block(verdict.remedy, '   -> '),
  ]
}

function interruptedLine(run: PastRun): string {
  return `  ${briefInterrupted(run)}`
}

function changesTitle(report: RunReport): string {
  const { kind, command } = report
  if (kind === 'done') return 'CHANGED'
  if (takenBack(kind)) return 'TAKEN BACK'
  if (command !== 'status') return 'TO BE CHANGED'
  return kind === 'pending' && !reservation(report) ? 'DRIFT, mended by apply as follows' : 'DRIFT'
}

function changeLines({ hosts, diff, kind, command }: RunReport): readonly string[] {
  if (kind === 'refused' && command !== 'preflight' && command !== 'status') return []
  const changing = hosts.filter(({ changes, outcome }) =>
    takenBack(kind) ? outcome?.kind === 'rolled-back' : changes.length > 0,
  )
  return changeBlocks(changing, diff, takenBack(kind) ? '; was done and undone:' : '')
}

function takenBack(kind: RunReport['kind']): boolean {
  return kind === 'rolled-back' || kind === 'interrupted' || kind === 'stale'
}

/** What the rule does to traffic, told where a plan is what was asked for. */
function trafficLines({ hosts, kind, diff }: RunReport): readonly string[] {
  if (kind !== 'audited' && !diff) return []
  const placed = hosts.flatMap(({ host, place }) => (place ? [{ host, place }] : []))
  return [...groupHosts(placed, ({ place }) => JSON.stringify(place)).values()].flatMap((group) => {
    const place = group[0]?.place
    if (!place) return []
    const { good, traffic } = place
    return [
      `  ${countHosts(group.length)}: ${hostList(group.map(({ host }) => host))}; good places in FORWARD: ${ranges(good)}`,
      ...chainLines(place),
      ...traffic.map(({ title, before, after }) => {
        const change = before === after ? before : `${before} → ${after}`
        return `    ${title.padEnd(46)} ${change}`
      }),
    ]
  })
}

/** FORWARD without our rule: `|` before a rule where ours would do, `>` before the one where it goes. */
function chainLines({
  chain,
  good,
  position,
}: NonNullable<HostReport['place']>): readonly string[] {
  return [...chain, '(end)'].map((raw, index) => {
    const number = index + 1
    const mark = number === position ? '>' : good.includes(number) ? '|' : ' '
    const rule = raw.replace(/^-A FORWARD /, '')
    const shown = rule.length > 66 ? `${rule.slice(0, 65)}…` : rule
    return `  ${mark} ${`${number}`.padStart(4)}  ${shown}`
  })
}

/** `2-12, 14`. */
function ranges(numbers: readonly number[]): string {
  const runs: [first: number, last: number][] = []
  for (const number of numbers) {
    const run = runs.at(-1)
    if (run && run[1] === number - 1) run[1] = number
    else runs.push([number, number])
  }
  return runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(', ')
}

function noteLines({ hosts }: RunReport): readonly string[] {
  const notes = hosts.flatMap(({ host, notes }) => notes.map((note) => ({ host, note })))
  return [...groupHosts(notes, ({ note }) => note)].map(
    ([note, group]) => `  ${hostList(group.map(({ host }) => host))}: ${note}`,
  )
}
