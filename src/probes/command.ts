import { type ChildProcess, spawn } from 'node:child_process'
import { createTextTail } from '../text/text-tail.ts'
import { failed, type ProbeResult, passed } from './probe-result.ts'

/** How long to wait for output after the shell has ended: what it started may hold its pipes open. */
const outputGraceMs = 200

/**
 * Runs a command of the inventory on this machine by `/bin/sh -c`; it passes with exit code 0. The command has no input.
 * Of its output only the last line is shown, and only when it fails. When it ends, or when the signal comes, its whole
 * process group is killed.
 */
export function tryCommand(command: string, signal: AbortSignal): Promise<ProbeResult> {
  const tail = createTextTail()
  return new Promise((resolve) => {
    const child = spawn('/bin/sh', ['-c', command], {
      detached: true,
      env: ownVariablesLeftOut(),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let ended: ProbeResult | undefined
    const done = (result: ProbeResult): void => {
      signal.removeEventListener('abort', onAbort)
      killGroup(child)
      child.stdout.destroy()
      child.stderr.destroy()
      resolve(result)
    }
    const onAbort = (): void => done(ended ?? failed('aborted'))
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => tail.push(text))
    }
    child.once('error', ({ message }) => done(failed(`cannot be started: ${message}`)))
    child.once('exit', (code, killer) => {
      ended =
        code === 0 ? passed : failed(code === null ? `ended by ${killer}` : `exit code ${code}`)
      setTimeout(doneWithOutput, outputGraceMs).unref()
    })
    const doneWithOutput = (): void => done(withLastLine(ended ?? passed, tail.lastLine()))
    child.once('close', doneWithOutput)
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
  })
}

function withLastLine(result: ProbeResult, line: string): ProbeResult {
  return result.kind === 'passed' || line === '' ? result : failed(`${result.reason}: ${line}`)
}

/** FW_RUN_EXTRA_VARS may hold a password. */
function ownVariablesLeftOut(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('FW_RUN_')),
  )
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // ESRCH: all of it has ended already.
  }
}
