import type { PastRun } from '../journal/past-run.ts'
import { isUnconfirmed, type RunReport } from '../outcomes/run-report.ts'
import { countHosts, groupHosts, hostList } from './host-list.ts'
import { joinSections, section } from './layout/sections.ts'
import type { Paint } from './paint.ts'
import { briefInterrupted } from './past-run-words.ts'
import { changeSections } from './text/change-lines.ts'
import { checkLines } from './text/check-lines.ts'
import { conclusion } from './text/closing-line.ts'
import { faultLines } from './text/fault-lines.ts'
import { objectionLines } from './text/objection-words.ts'
import { probeLines } from './text/probe-lines.ts'
import { recap } from './text/recap.ts'
import { trafficLines } from './text/traffic-lines.ts'

/**
 * A run for a person: what checks found, what was to be done, what went wrong, and the recap. Equal hosts share lines. `seen`
 * says that it follows on the same terminal what whoever was asked to keep the change has been shown.
 */
export function renderText(
  report: RunReport,
  verbose: boolean,
  paint: Paint,
  seen = false,
): readonly string[] {
  const all = verbose || report.purpose === 'audit'
  // What was shown is what came of it, or was taken back for no other reason than the answer.
  const known = seen && (report.kind === 'done' || isUnconfirmed(report))
  const faults = [...faultLines(report, paint), ...objectionLines(report, paint)]
  return joinSections([
    known && !verbose ? [] : section('CHECKS', checkLines(report, { all, verbose }, paint), paint),
    section('PROBES', probeLines(report, all, paint), paint),
    ...(known ? [] : changeSections(report, paint)),
    section('TRAFFIC', trafficLines(report), paint),
    section('NOTES', noteLines(report), paint),
    section('FAULTS', faults, paint),
    section('NOT CONFIRMED', unconfirmedLines(report, seen), paint),
    section('INTERRUPTED', report.unfinished.map(interruptedLine), paint),
    section('RECAP', [...recap(report, paint), '', ...leftOut(report), conclusion(report)], paint),
  ])
}

/** What is shown to whoever is asked to keep a change: what checks, probes and notes tell, and the change. */
export function renderQuestion(planned: RunReport, paint: Paint): readonly string[] {
  return joinSections([
    section('CHECKS', checkLines(planned, { all: false, verbose: true }, paint), paint),
    section('PROBES', probeLines(planned, false, paint), paint),
    section('NOTES', noteLines(planned), paint),
    ...changeSections({ ...planned, kind: 'done' }, paint),
  ])
}

/** Why nobody said yes, which is a decision and no fault. */
function unconfirmedLines({ objections }: RunReport, seen: boolean): readonly string[] {
  const what = seen ? 'the change shown above is' : 'the change is'
  return objections.flatMap(({ kind, reason }) =>
    kind === 'unconfirmed' ? [`  ${reason}: ${what} taken back`] : [],
  )
}

function leftOut({ leftOut: names }: RunReport): readonly string[] {
  if (names.length === 0) return []
  return [
    `--limit left out ${countHosts(names.length)} of the inventory, not looked at: ${hostList(names)}.`,
  ]
}

function interruptedLine(run: PastRun): string {
  return `  ${briefInterrupted(run)}`
}

/** Notes, each once, with the hosts that it is about. */
function noteLines({ hosts }: RunReport): readonly string[] {
  const notes = hosts.flatMap(({ host, notes }) => notes.map((note) => ({ host, note })))
  return [...groupHosts(notes, ({ note }) => note)].map(
    ([note, group]) => `  ${hostList(group.map(({ host }) => host))}: ${note}`,
  )
}
