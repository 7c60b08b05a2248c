import { setMaxListeners } from 'node:events'
import { closeSync, writeSync } from 'node:fs'
import { isatty } from 'node:tty'
import { type Invocation, parseArguments } from './cli.ts'
import { commands } from './commands/commands.ts'
import { FwRunError, faultExitCodes } from './errors.ts'
import type { Emit, RunEvent } from './events.ts'
import { viewOf } from './report/paint.ts'
import { openProgress, quitting } from './report/progress.ts'
import { wrapLines } from './report/wrap.ts'
import { beginRun } from './stages/run.ts'

/** Runs `fw-run` with the arguments after its name; resolves with the exit code. The only reader of signals. */
export async function main(args: readonly string[]): Promise<number> {
  const output = mindOutput()
  const terminal = mindTerminal()
  const parsed = parseArguments(args)
  if (parsed.kind === 'ended') return parsed.exitCode
  const { invocation } = parsed
  const progress = await openProgress(process.stderr, invocation.color)
  let decided = false
  const emit = (event: RunEvent): void => {
    // `recover` may run several transactions, one after another.
    if (event.kind === 'decided') decided = true
    if (event.kind === 'phase-started' && event.phase === 'apply') decided = false
    if (invocation.output === 'ndjson') writeJson(event)
    progress.show(event)
  }
  const changes = ['apply', 'remove', 'recover'].includes(invocation.command)
  const interruption = interruptible(
    () => emit({ kind: 'interrupted', decided }),
    () => changes && writeSync(2, `${quitting}\n`),
  )
  try {
    const view = { emit, flushed: progress.flushed }
    const exitCode = await execute(invocation, view, interruption.signal)
    await output.written()
    // 1 says that nothing was changed, so a run that may have changed something keeps its code.
    return exitCode === 0 && output.lost() && !changes ? 1 : exitCode
  } catch (error) {
    return fault(error, invocation)
  } finally {
    interruption.release()
    terminal.letGo()
  }
}

/** At its end Node sets a terminal back, and aborts where that has been closed: what was lost is let go of before. */
function mindTerminal(): { readonly letGo: () => void } {
  const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor))
  return {
    letGo: () => {
      for (const descriptor of terminals) if (!isatty(descriptor)) closeSync(descriptor)
    },
  }
}

async function execute(
  { command, settings, output, color }: Invocation,
  view: { readonly emit: Emit; readonly flushed: () => Promise<void> },
  signal: AbortSignal,
): Promise<number> {
  const run = beginRun(command, settings.forks, view, signal)
  const perform = await commands[command]()
  const result = await perform(settings, run)
  await view.flushed()
  if (output === 'text') {
    const shown = viewOf(process.stdout, color)
    process.stdout.write(`${wrapLines(result.text(shown), shown.columns).join('\n')}\n`)
  } else if (output === 'json') {
    writeJson(result.json, 2)
  } else {
    writeJson({ kind: 'run-ended', run: run.id, result: result.json })
  }
  return result.exitCode
}

function writeJson(value: object, indent?: number): void {
  process.stdout.write(`${JSON.stringify(value, undefined, indent)}\n`)
}

function fault(error: unknown, { output }: Invocation): number {
  const known = error instanceof FwRunError
  const code = known ? error.code : 'internal'
  const message = known
    ? error.message
    : `This is a bug in fw-run. ${error instanceof Error ? error.stack : error}`
  const remedy = known
    ? error.remedy
    : 'Please report it. Look with `fw-run status` in what state the hosts are.'
  const lines = [`fw-run: ${message}`, ...(remedy ? [`  -> ${remedy}`] : [])]
  process.stderr.write(`${wrapLines(lines, process.stderr.columns).join('\n')}\n`)
  const exitCode = faultExitCodes[code]
  const document = { error: { code, message, remedy }, exitCode }
  if (output === 'json') writeJson(document, 2)
  if (output === 'ndjson') writeJson({ kind: 'run-failed', ...document })
  return exitCode
}

/**
 * The first Ctrl-C, TERM or HUP asks the run to stop and to take back what it has begun; a second Ctrl-C or TERM leaves
 * at once, by that signal. The listeners stay until then: the last one to go would let the terminal view's own end the
 * program. A closed terminal sends HUP twice, so that never counts as a second.
 */
function interruptible(
  tell: () => void,
  leave: () => void,
): {
  readonly signal: AbortSignal
  readonly release: () => void
} {
  const controller = new AbortController()
  // One listener a host.
  setMaxListeners(0, controller.signal)
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const release = (): void => {
    for (const name of signals) process.removeListener(name, onSignal)
  }
  const onSignal = (name: NodeJS.Signals): void => {
    if (!controller.signal.aborted) {
      controller.abort()
      tell()
    } else if (name !== 'SIGHUP') {
      release()
      leave()
      process.kill(process.pid, name)
    }
  }
  for (const name of signals) process.on(name, onSignal)
  return { signal: controller.signal, release }
}

/**
 * Output that cannot be written, to a reader that went away or a full disk, must not stop a transaction half way. A
 * fault other than a reader's leave is told on the other stream, and `lost` if it befell the result.
 */
function mindOutput(): { readonly written: () => Promise<void>; readonly lost: () => boolean } {
  const told = new Set<NodeJS.WriteStream>()
  const pairs = [
    [process.stdout, process.stderr],
    [process.stderr, process.stdout],
  ] as const
  for (const [stream, other] of pairs) {
    stream.on('error', ({ code, message }: NodeJS.ErrnoException) => {
      if (told.has(stream) || code === 'EPIPE' || code === 'EIO') return
      told.add(stream)
      other.write(`fw-run: part of the output is lost: ${message}\n`)
    })
  }
  return {
    written: () => new Promise((resolve) => process.stdout.write('', () => resolve())),
    lost: () => told.has(process.stdout),
  }
}
