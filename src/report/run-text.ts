import { failures, isUnconfirmed, type RunReport } from '../outcomes/run-report.ts'
import { compactNames, countHosts, groupHosts, hostList } from '../text/host-list.ts'
import type { Paint } from '../text/paint.ts'
import { joinSections, section } from './layout/sections.ts'
import { changeSections } from './text/change-sections.ts'
import { checkLines } from './text/check-lines.ts'
import { closingLine } from './text/closing-line.ts'
import { faultLines } from './text/fault-lines.ts'
import { objectionLines } from './text/objection-words.ts'
import { probeLines } from './text/probe-lines.ts'
import { recap } from './text/recap.ts'
import { trafficLines } from './text/traffic-changes.ts'
import { briefUnfinished } from './unfinished-run.ts'

/**
 * A run for a person: checks, changes, faults, and the recap. Equal hosts share lines. `seen`: the reader was asked about
 * the change on the same terminal, and has just seen it.
 */
export function renderText(
  report: RunReport,
  verbose: boolean,
  paint: Paint,
  seen = false,
): readonly string[] {
  const all = verbose || report.purpose === 'audit'
  // What was shown before the question is also the result, or was rolled back only because of the answer.
  const known = seen && (report.kind === 'done' || isUnconfirmed(report))
  const faults = [...faultLines(report, paint), ...objectionLines(report, paint)]
  return joinSections([
    known && !verbose ? [] : section('CHECKS', checkLines(report, { all, verbose }, paint), paint),
    section('PROBES', probeLines(report, all, paint), paint),
    ...(known ? [] : [section('WAVES', waveLines(report), paint)]),
    ...(known ? [] : changeSections(report, paint)),
    section('TRAFFIC', trafficLines(report, verbose || report.diff), paint),
    section('NOTES', noteLines(report), paint),
    section('FAULTS', faults, paint),
    section('NOT CONFIRMED', unconfirmedLines(report, seen), paint),
    section('UNFINISHED RUNS', unfinishedLines(report), paint),
    section(
      'RECAP',
      [...recap(report, paint), '', ...leftOut(report), ...editLines(report), closingLine(report)],
      paint,
    ),
  ])
}

/** A run for a person who wants to read little: what failed, what is unfinished, and the recap. */
export function renderQuietly(report: RunReport, paint: Paint): readonly string[] {
  const hosts = report.hosts.map((host) => ({ ...host, findings: failures(host) }))
  const failing = { ...report, hosts }
  const broken = report.probes.some(({ before, after }) =>
    [before, after].some((result) => result?.kind === 'failed'),
  )
  const wanted = { all: false, verbose: false }
  const faults = [...faultLines(report, paint), ...objectionLines(report, paint)]
  return joinSections([
    section('CHECKS', checkLines(failing, wanted, paint), paint),
    section('PROBES', broken ? probeLines(report, false, paint) : [], paint),
    section('FAULTS', faults, paint),
    section('NOT CONFIRMED', unconfirmedLines(report, false), paint),
    section('UNFINISHED RUNS', unfinishedLines(report), paint),
    section(
      'RECAP',
      [...recap(report, paint), '', ...leftOut(report), ...editLines(report), closingLine(report)],
      paint,
    ),
  ])
}

/** What is shown before a question about a change: checks, probes, notes, the hosts that it is not about, and the change of hosts and inventory. */
export function renderQuestion(report: RunReport, paint: Paint): readonly string[] {
  return joinSections([
    section('CHECKS', checkLines(report, { all: false, verbose: true }, paint), paint),
    section('PROBES', probeLines(report, false, paint), paint),
    section('NOTES', noteLines(report), paint),
    section(
      'LEFT OUT',
      leftOut(report).map((line) => `  ${line}`),
      paint,
    ),
    section('WAVES', waveLines(report), paint),
    ...changeSections(report, paint),
    section(
      'INVENTORY',
      editLines(report).map((line) => `  ${line}`),
      paint,
    ),
  ])
}

/** The hosts of each wave. */
function waveLines({ waves }: RunReport): readonly string[] {
  return waves.map((names, at) => `  ${at + 1}: ${compactNames(names).join(', ')}`)
}

/** Why nobody said yes: that is a decision and no fault. */
function unconfirmedLines({ kind, objections }: RunReport, seen: boolean): readonly string[] {
  const back = seen ? 'the change shown above was rolled back' : 'the change was rolled back'
  const what = kind === 'declined' ? 'nothing was changed' : back
  return objections.flatMap(({ kind, reason }) =>
    kind === 'unconfirmed' ? [`  ${reason}: ${what}`] : [],
  )
}

/** What became of the inventory file. */
function editLines({ edit, kind }: RunReport): readonly string[] {
  if (!edit) return []
  const { file, change, host, written } = edit
  const done = change === 'add' ? `${host} is now in ${file}.` : `${host} is no longer in ${file}.`
  const open = change === 'add' ? `would get ${host}` : `would lose ${host}`
  return [
    written
      ? done
      : kind === 'pending' || kind === 'done'
        ? `${file} ${open}.`
        : `${file} is unchanged.`,
  ]
}

/** The hosts that are not in the recap, and those of which it says nothing but that they cannot be reached. */
function leftOut({ leftOut: names, hosts }: RunReport): readonly string[] {
  const absent = hosts.filter(({ tolerated }) => tolerated)
  const tolerated = absent.flatMap(({ host, leaves }) => (leaves ? [] : [host]))
  return [
    ...absent.flatMap(({ host, leaves }) =>
      leaves ? [`fw-run could not log in to ${host}, so the guard stays on ${host}.`] : [],
    ),
    ...(names.length === 0
      ? []
      : [
          `--limit excluded ${countHosts(names.length)}. fw-run did not look at: ${hostList(names)}.`,
        ]),
    ...(tolerated.length === 0
      ? []
      : [`--tolerate-unreachable left out ${compactNames(tolerated).join(', ')}.`]),
  ]
}

function unfinishedLines({ unfinished }: RunReport): readonly string[] {
  return unfinished.map((run) => `  ${briefUnfinished(run)}`)
}

/** Notes, each once, with the hosts that it is about. */
function noteLines({ hosts }: RunReport): readonly string[] {
  const notes = hosts.flatMap(({ host, notes }) => notes.map((note) => ({ host, note })))
  return [...groupHosts(notes, ({ note }) => note)].map(
    ([note, group]) => `  ${hostList(group.map(({ host }) => host))}: ${note}`,
  )
}
