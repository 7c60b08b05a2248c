import type { Heading } from '../exports/document.ts'
import type { Form } from '../exports/export-files.ts'
import { renderJunit } from '../exports/junit.ts'
import { renderMetrics } from '../exports/metrics.ts'
import { renderRunPage } from '../exports/page.ts'
import { exitCode } from '../outcomes/exit-code.ts'
import type { RunReport } from '../outcomes/run-report.ts'
import { jsonOfRun } from '../report/run-json.ts'
import { summary } from '../report/run-summary.ts'
import { renderQuietly, renderText } from '../report/run-text.ts'
import type { RunEnd } from '../runs/journal.ts'
import type { Run } from '../runs/run.ts'
import type { View } from '../text/paint.ts'
import { inDocument } from '../text/printed-commands.ts'

/** What a command came to: its exit code, and its result for a person and for a program. */
export interface CommandResult {
  readonly exitCode: number
  readonly text: (view: View) => readonly string[]
  /** What its JSON document holds, besides what every document does. */
  readonly json: () => object
  /** The document as text in other forms, made with what every document holds. A command has those that it offers. */
  readonly forms?: Readonly<Partial<Record<Form, (heading: Heading) => string>>>
  /** What its journal says of its end. Unset: it never keeps one. */
  readonly end?: RunEnd
}

type RunJson = ReturnType<typeof jsonOfRun>

/**
 * The report of a run as the result of its command. With `verbose`, the text also lists the checks that passed; with
 * `quiet`, it has little but what failed.
 */
export function resultOf(
  report: RunReport,
  { verbose, quiet }: { readonly verbose: boolean; readonly quiet: boolean },
  { withFlags }: Pick<Run, 'withFlags'>,
): CommandResult {
  const code = exitCode(report)
  const unsure = report.hosts.some(({ outcome }) => outcome?.kind === 'incomplete')
  let made: RunJson | undefined
  // Of a thousand hosts it costs much, and the text needs none of it.
  const json = (): RunJson => {
    made ??= jsonOfRun(report)
    return made
  }
  const told = (): RunJson => JSON.parse(JSON.stringify(json(), inDocument(withFlags)))
  return {
    exitCode: code,
    forms: {
      // Of a look that was cut short they would tell that hosts are not protected, only because nobody read them.
      ...(report.kind !== 'interrupted' && {
        metrics: (heading: Heading) => renderMetrics({ ...heading, ...json() }),
      }),
      page: (heading) => renderRunPage({ ...heading, ...told() }),
      junit: (heading) => renderJunit({ ...heading, ...told() }, withFlags),
    },
    text: ({ paint, columns }) => {
      if (quiet) return renderQuietly(report, paint)
      const seen = report.asked && columns !== undefined
      return renderText(report, verbose, paint, seen)
    },
    json,
    end: { outcome: report.kind, words: summary(report), exitCode: code, finished: !unsure },
  }
}
