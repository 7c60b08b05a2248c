import { type ChildProcess, spawn } from 'node:child_process'
import { createTextTail } from '../text/text-tail.ts'
import { failed, type ProbeResult, passed } from './probe-result.ts'

/** How long a command's output is awaited once its shell has ended, in milliseconds: others may hold its pipes open. */
const OUTPUT_GRACE_MS = 200

/**
 * Runs a command of the inventory on this machine by `/bin/sh -c`; it passes with exit code 0. It reads nothing, what it
 * prints is not shown but for the last line when it fails, and when it ends or the signal comes, all that it has started
 * in its process group is killed.
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
    const settle = (answer: ProbeResult): void => {
      signal.removeEventListener('abort', onAbort)
      killGroup(child)
      child.stdout.destroy()
      child.stderr.destroy()
      resolve(answer)
    }
    const onAbort = (): void => settle(ended ?? failed('aborted'))
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => tail.push(text))
    }
    child.once('error', ({ message }) => settle(failed(`cannot be started: ${message}`)))
    child.once('exit', (code, killer) => {
      ended =
        code === 0 ? passed : failed(code === null ? `ended by ${killer}` : `exit code ${code}`)
      setTimeout(settleWithOutput, OUTPUT_GRACE_MS).unref()
    })
    const settleWithOutput = (): void => settle(withLastLine(ended ?? passed, tail.lastLine()))
    child.once('close', settleWithOutput)
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
  })
}

function withLastLine(answer: ProbeResult, line: string): ProbeResult {
  return answer.kind === 'passed' || line === '' ? answer : failed(`${answer.reason}: ${line}`)
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
    // ESRCH: nothing of it is left, which is what is wanted.
  }
}
