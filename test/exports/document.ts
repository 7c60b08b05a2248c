import type { RunDocument } from '../../src/exports/document.ts'
import { exitCode } from '../../src/outcomes/exit-code.ts'
import type { RunReport } from '../../src/outcomes/run-report.ts'
import { jsonOfRun } from '../../src/report/run-json.ts'
import { readOutput } from '../report/contract.ts'

/** The document of a run, as a reader of `--output json` gets it. Throws unless it is what the schema says. */
export function documentOf(report: RunReport, timeline: RunDocument['timeline'] = []): RunDocument {
  const heading = {
    ...{ schema: 1, command: report.command, exitCode: exitCode(report) },
    ...{ started: '2026-11-23T04:15:00.000Z', ended: '2026-11-23T04:15:01.500Z' },
    ...{ who: 'ann@jump', version: '0.1.0', timeline },
  }
  const text = JSON.stringify({ ...heading, ...jsonOfRun(report) })
  const [document] = readOutput(text, 'json')
  return document as RunDocument
}
