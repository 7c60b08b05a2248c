import { type Invocation, parseArguments } from './cli.ts'
import { commands } from './commands/commands.ts'
import { FwRunError } from './errors.ts'
import type { RunEvent } from './events.ts'
import { paintFor } from './report/paint.ts'
import { plainProgress } from './report/plain.ts'
import type { Progress } from './report/progress.ts'
import { beginRun } from './stages/run.ts'

/** Runs `fw-run` with the arguments after its name; resolves with the exit code. The only reader of signals. */
export async function main(args: readonly string[]): Promise<number> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreClosedReader)
  const parsed = parseArguments(args)
  if (parsed.kind === 'ended') return parsed.exitCode
  const { invocation } = parsed
  const interruption = interruptible()
  try {
    return await execute(invocation, interruption.signal)
  } catch (error) {
    return fault(error, invocation)
  } finally {
    interruption.release()
  }
}

async function execute(invocation: Invocation, signal: AbortSignal): Promise<number> {
  const { command, settings, output, color } = invocation
  const progress = await progressFor(color)
  const emit = (event: RunEvent): void => {
    if (output === 'ndjson') writeJson(event)
    progress.show(event)
  }
  const run = beginRun(command, settings.forks, { emit, settled: progress.settled }, signal)
  const perform = await commands[command]()
  const result = await perform(settings, run)
  await progress.settled()
  if (output === 'text') {
    process.stdout.write(`${result.text(paintFor(process.stdout, color)).join('\n')}\n`)
  } else if (output === 'json') {
    writeJson(result.json, 2)
  } else {
    writeJson({ kind: 'run-ended', run: run.id, result: result.json })
  }
  return result.exitCode
}

async function progressFor(color: boolean): Promise<Progress> {
  const plain = process.env.TERM === 'dumb' || !color || process.env.NO_COLOR
  if (!process.stderr.isTTY || plain) return plainProgress(process.stderr)
  const { terminalProgress } = await import('./report/terminal.ts')
  return terminalProgress(process.stderr)
}

function writeJson(value: object, indent?: number): void {
  process.stdout.write(`${JSON.stringify(value, undefined, indent)}\n`)
}

const exitCodes: Readonly<Record<FwRunError['code'], number>> = {
  inventory: 1,
  credentials: 1,
  internal: 1,
  usage: 5,
  interrupted: 130,
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
  process.stderr.write(`fw-run: ${message}\n${remedy ? `  -> ${remedy}\n` : ''}`)
  const exitCode = exitCodes[code]
  const document = { error: { code, message, remedy }, exitCode }
  if (output === 'json') writeJson(document, 2)
  if (output === 'ndjson') writeJson({ kind: 'run-failed', ...document })
  return exitCode
}

/**
 * The first Ctrl-C, TERM or HUP asks the run to stop and to take back what it has begun; the second leaves at once, by
 * that signal. The listeners stay until then: the last one to go would let the terminal view's own end the program.
 */
function interruptible(): { readonly signal: AbortSignal; readonly release: () => void } {
  const controller = new AbortController()
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const release = (): void => {
    for (const name of signals) process.removeListener(name, onSignal)
  }
  const onSignal = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) {
      release()
      process.kill(process.pid, name)
      return
    }
    process.stderr.write('\nInterrupted: taking back what was begun. Once more leaves at once.\n')
    controller.abort()
  }
  for (const name of signals) process.on(name, onSignal)
  return { signal: controller.signal, release }
}

/** A reader that went away (`| head`) must not stop a transaction half way. */
function ignoreClosedReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error
}
