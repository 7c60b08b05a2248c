import { exitCode } from '../outcomes/exit-code.ts'
import type { RunReport } from '../outcomes/run-report.ts'
import { jsonOfRun } from '../report/run-json.ts'
import { renderText } from '../report/run-text.ts'
import type { CommandResult, CommandSettings } from './command.ts'

/** A run's report as the result of a command. */
export function runResult(report: RunReport, settings: CommandSettings): CommandResult {
  return {
    exitCode: exitCode(report),
    text: ({ paint, columns }) => {
      const seen = report.asked && columns !== undefined
      return renderText(report, settings.verbose, paint, seen)
    },
    json: jsonOfRun(report),
  }
}
