import type { CommandResult } from '../commands/result.ts'
import type { OutputFormat } from '../commands/settings.ts'
import type { RunEvent } from '../events.ts'
import type { Heading } from '../exports/document.ts'
import type { ExportFile } from '../exports/export-files.ts'
import { protectionLine } from '../report/protection-changes.ts'
import { viewOf } from '../text/paint.ts'
import { inDocument, type WithFlags } from '../text/printed-commands.ts'
import { wrapLines } from '../text/wrap.ts'
import { inTurns } from '../waiting/event-loop-turn.ts'
import { jsonPieces } from './json-pieces.ts'

/** The version of the JSON. A field that is renamed, removed or gets another meaning makes a new one; a new field does not. */
const schema = 1

/** A fault that ended a run, for programs. */
export interface FaultDocument {
  readonly error: { readonly code: string; readonly message: string; readonly remedy?: string }
  readonly exitCode: number
}

/** Writes to stdout, in one format, what a run tells. */
export interface Output {
  event(event: RunEvent): void
  result(result: CommandResult, heading: Heading, run: string): Promise<void>
  fault(fault: FaultDocument): void
}

/**
 * The output of a command in a format: text has the result for a person, json one document, ndjson one event a line,
 * prometheus the metrics, unless they go into a file. The command is null where nobody knows which one was meant.
 * Printed commands get their flags.
 */
export function outputIn(
  format: OutputFormat,
  color: boolean,
  command: string | null,
  exported: readonly Pick<ExportFile, 'form'>[] = [],
  withFlags: WithFlags = (text) => text,
): Output {
  const started = now()
  const replace = inDocument(withFlags)
  const faultIn = ({ exitCode, error }: FaultDocument): object => ({
    ...{ schema, command, exitCode, started, ended: now() },
    error,
  })
  switch (format) {
    case 'text':
      return {
        event(event) {
          if (event.kind === 'protection-changed') write(protectionLine(event, new Date()))
        },
        async result({ text }) {
          const view = viewOf(process.stdout, color)
          write(wrapLines(text(view).map(withFlags), view.columns).join('\n'))
        },
        // Faults are told on stderr in any format.
        fault() {},
      }
    case 'json': {
      return {
        event() {},
        result: ({ json }, heading) =>
          writePieces(jsonPieces({ schema, ...heading, ...json() }, replace, '  ')),
        fault: (fault) => write(JSON.stringify(faultIn(fault), replace, 2)),
      }
    }
    case 'ndjson': {
      const put = (line: object): void =>
        write(JSON.stringify({ schema, time: now(), ...line }, replace))
      return {
        event: put,
        result({ json }, heading, run) {
          const result = { schema, ...heading, ...json() }
          const line = { schema, time: now(), kind: 'run-ended', run, result }
          return writePieces(jsonPieces(line, replace, ''))
        },
        fault: (fault) => put({ kind: 'run-failed', ...faultIn(fault) }),
      }
    }
    case 'prometheus':
      return {
        event() {},
        async result({ forms }, heading) {
          const inFile = exported.some(({ form }) => form === 'metrics')
          if (!inFile) process.stdout.write(forms?.metrics?.(heading) ?? '')
        },
        fault() {},
      }
  }
}

function now(): string {
  return new Date().toISOString()
}

/** Writes a long document, of which a thousand hosts make tens of megabytes, in several turns. */
function writePieces(pieces: Iterable<string>): Promise<void> {
  return inTurns(function* () {
    let waiting = ''
    for (const piece of pieces) {
      waiting += piece
      if (waiting.length < charsAPiece) continue
      process.stdout.write(waiting)
      waiting = ''
      yield
    }
    write(waiting)
  })
}

const charsAPiece = 65_536

function write(text: string): void {
  process.stdout.write(`${text}\n`)
}
