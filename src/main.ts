import { writeSync } from 'node:fs'
import type { Complaint } from './cli/complaint.ts'
import { parseArguments } from './cli/parse-arguments.ts'
import type { CommandResult } from './commands/result.ts'
import type { CommandSettings } from './commands/settings.ts'
import { FwRunError, faultExitCodes } from './errors.ts'
import type { RunEvent } from './events.ts'
import type { Heading } from './exports/document.ts'
import { type ChangeStage, stageAfter } from './main/change-stage.ts'
import { openChronicle } from './main/chronicle.ts'
import { tellEarlyEnd } from './main/early-end.ts'
import { listenForInterruption } from './main/interruption.ts'
import { growHeapSlowly } from './main/lean-heap.ts'
import { optimiseLate } from './main/optimise-late.ts'
import { type Output, outputIn } from './main/output.ts'
import { guardOutput, guardTerminals } from './main/streams.ts'
import { openProgress } from './report/progress.ts'
import type { WithFlags } from './text/printed-commands.ts'
import { wrapLines, wrapText } from './text/wrap.ts'
import { quitting } from './words/interruption.ts'

/** Runs `fw-run` with the arguments after its name; resolves with the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const guard = guardOutput()
  const releaseTerminals = guardTerminals()
  const parsed = parseArguments(args)
  if (parsed.kind === 'ended') {
    if (parsed.exitCode === 5) reportComplaint(parsed.complaint)
    return parsed.exitCode
  }
  const { command, settings, color, output: format, withFlags } = parsed.invocation
  const output = outputIn(format, color, command.name, settings.exports, withFlags)
  const chronicle = openChronicle()
  const looksOnly = !command.changesHosts || settings.check
  const progress = await openProgress(process.stderr, {
    looksOnly,
    colourful: color,
    quiet: settings.quiet,
    withFlags,
  })
  let stage: ChangeStage = 'open'
  const emit = (event: RunEvent): void => {
    stage = stageAfter(stage, event)
    chronicle.hear(event)
    output.event(event)
    progress.show(event)
  }
  const interruption = listenForInterruption(
    () => {
      // That is how a watch ends.
      if (settings.pause !== undefined) return
      emit({ kind: 'interrupted', decided: stage !== 'open', committed: stage === 'committed' })
    },
    () =>
      command.changesHosts &&
      writeSync(
        2,
        `${wrapText(withFlags(quitting(stage === 'committed', settings.lease, looksOnly)), process.stderr.columns)}\n`,
      ),
  )
  const endedInTime = tellEarlyEnd(withFlags)
  let asUsual = () => {}
  try {
    // Loaded only now, as help does without; so is what follows.
    if (settings.exports.length > 0) {
      const { demandWritable } = await import('./exports/export-files.ts')
      const { filesToRead } = await import('./main/files-to-read.ts')
      await demandWritable(settings.exports, filesToRead(settings))
    }
    const viewer = { emit, flushed: progress.flushed, withFlags }
    const { beginRun } = await import('./runs/run.ts')
    const { endInJournal } = await import('./runs/journal.ts')
    const run = beginRun(command.name, settings.forks, viewer, interruption.signal)
    const perform = await command.load()
    const restored = [optimiseLate(), growHeapSlowly()]
    asUsual = () => {
      for (const restore of restored) restore()
    }
    let lost = false
    let isPublished = false
    const publish = async (result: CommandResult): Promise<void> => {
      isPublished = true
      lost = !(await exportResult(result, chronicle.heading(run, result.exitCode), settings))
    }
    const result = await endInJournal(perform(settings, run, publish), run)
    await progress.flushed()
    await output.result(result, chronicle.heading(run, result.exitCode), run.id)
    // The last look of a watch has its own time.
    if (!isPublished) await publish(result)
    await guard.written()
    const unheard = guard.lost() || lost
    return unheard ? codeUnheard(result.exitCode, command.changesHosts, settings) : result.exitCode
  } catch (error) {
    return reportFault(error, output, withFlags)
  } finally {
    endedInTime()
    asUsual()
    interruption.release()
    releaseTerminals()
  }
}

/**
 * The exit code of a run whose result was lost, wholly or in part. 1 says that nothing was changed, so a run that may have changed
 * something keeps its code. Who reads 3 of `--check` takes the plan in the file for the new one.
 */
function codeUnheard(code: number, changesHosts: boolean, { check }: CommandSettings): number {
  if (check) return code === 3 ? 1 : code || 1
  return changesHosts ? code : code || 1
}

/** Tells a program of bad usage. A person has read of it already. */
function reportComplaint({ output, command, message, remedy }: Complaint): void {
  const error = { code: 'usage', message, remedy } as const
  outputIn(output, false, command).fault({ error, exitCode: 5 })
}

/** Writes the files that get a result. Tells a person of each that cannot be written; false if there was one. */
async function exportResult(
  { forms }: CommandResult,
  heading: Heading,
  { exports }: CommandSettings,
): Promise<boolean> {
  let whole = true
  if (exports.length === 0) return whole
  const { writeExport } = await import('./exports/export-files.ts')
  for (const one of exports) {
    const render = forms?.[one.form]
    if (!render) {
      tell(
        new FwRunError(
          'output',
          `${one.option} ${one.file} is not written: this run has no result for that file. An older file stays as it is.`,
        ),
      )
      continue
    }
    try {
      await writeExport(one, render(heading))
    } catch (error) {
      if (!(error instanceof FwRunError)) throw error
      tell(error)
      whole = false
    }
  }
  return whole
}

/** Tells a person, and where the format has a form for it a program, of the fault that ended a run. */
function reportFault(error: unknown, output: Output, withFlags: WithFlags): number {
  const fault = error instanceof FwRunError ? error : bug(error)
  const { code, message, remedy } = fault
  tell(fault, withFlags)
  const exitCode = faultExitCodes[code]
  output.fault({ error: { code, message, ...(remedy !== undefined && { remedy }) }, exitCode })
  return exitCode
}

function tell({ message, remedy }: FwRunError, withFlags: WithFlags = (text) => text): void {
  const lines = [
    `fw-run: ${message}`,
    ...(remedy ? [`  -> ${remedy.replaceAll('\n', '\n     ')}`] : []),
  ].map(withFlags)
  process.stderr.write(`${wrapLines(lines, process.stderr.columns).join('\n')}\n`)
}

function bug(error: unknown): FwRunError {
  const what = error instanceof Error ? error.stack : error
  return new FwRunError('internal', `This is a bug in fw-run. ${what}`, {
    remedy: 'Please report it. `fw-run status` shows the state of the hosts.',
  })
}
