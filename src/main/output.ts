import type { CommandResult } from '../commands/result.ts'
import type { OutputFormat } from '../commands/settings.ts'
import type { RunEvent } from '../events.ts'
import { viewOf } from '../report/paint.ts'
import { wrapLines } from '../report/wrap.ts'

/** A fault that ended a run, for programs. */
export interface FaultDocument {
  readonly error: { readonly code: string; readonly message: string; readonly remedy?: string }
  readonly exitCode: number
}

/** Writes to stdout, in one format, what a run tells. */
export interface Output {
  event(event: RunEvent): void
  result(result: CommandResult, run: string): void
  fault(fault: FaultDocument): void
}

/** The output in a format: text has the result for a person, json one document, ndjson one event a line. */
export function outputIn(format: OutputFormat, color: boolean): Output {
  switch (format) {
    case 'text':
      return {
        event() {},
        result({ text }) {
          const view = viewOf(process.stdout, color)
          write(wrapLines(text(view), view.columns).join('\n'))
        },
        // Faults are told on stderr in any format.
        fault() {},
      }
    case 'json':
      return {
        event() {},
        result: ({ json }) => write(JSON.stringify(json, undefined, 2)),
        fault: (fault) => write(JSON.stringify(fault, undefined, 2)),
      }
    case 'ndjson':
      return {
        event: (event) => write(JSON.stringify(event)),
        result: ({ json }, run) => write(JSON.stringify({ kind: 'run-ended', run, result: json })),
        fault: (fault) => write(JSON.stringify({ kind: 'run-failed', ...fault })),
      }
  }
}

function write(text: string): void {
  process.stdout.write(`${text}\n`)
}
