import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { FwRunError } from '../../errors.ts'
import { maxScriptBytes, scriptMs } from '../../limits.ts'
import { shown } from '../../text/shown.ts'

/**
 * What an inventory script prints. A script that fails, prints too much or is not done by the deadline is an FwRunError. It is killed with
 * all that it has started; also on Ctrl-C.
 */
export function runScript(
  file: string,
  words: readonly string[],
  deadline: AbortSignal,
): Promise<string> {
  const name = [file, ...words].join(' ')
  const fail = (message: string, cause?: unknown): FwRunError =>
    new FwRunError('inventory', `${file}: ${message}`, {
      remedy: `See what it prints: ${name}`,
      ...(cause !== undefined && { cause }),
    })
  return new Promise((settle, reject) => {
    const child = spawn(resolve(file), words, { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    const output: Buffer[] = []
    const complaint: Buffer[] = []
    let [size, complained] = [0, 0]

    const kill = (): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      } catch {
        // It has ended meanwhile.
      }
    }
    const leave = (error: FwRunError | undefined, text = ''): void => {
      deadline.removeEventListener('abort', late)
      process.off('SIGINT', interrupted).off('SIGTERM', interrupted)
      kill()
      child.stdout.destroy()
      child.stderr.destroy()
      if (error) reject(error)
      else settle(text)
    }
    const late = (): void =>
      leave(fail(`the script is not done after ${scriptMs / 1000} s. fw-run has stopped it.`))
    const interrupted = (): void =>
      leave(new FwRunError('interrupted', `Interrupted while the script ${file} was at work.`))

    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length
      output.push(chunk)
      if (size > maxScriptBytes)
        leave(fail(`the script printed more than ${maxScriptBytes / 1e6} MB.`))
    })
    child.stderr.on('data', (chunk: Buffer) => {
      complained += chunk.length
      if (complained <= MAX_COMPLAINT) complaint.push(chunk)
    })
    child.on('error', (cause) => leave(fail(`the script cannot be run: ${cause.message}.`, cause)))
    child.on('close', (code, signal) => {
      if (code === 0) return leave(undefined, Buffer.concat(output).toString('utf8'))
      const how = code === null ? `was killed (${signal})` : `failed with exit code ${code}`
      leave(fail(`the script ${how}${lastLine(complaint)}.`))
    })
    if (deadline.aborted) return late()
    deadline.addEventListener('abort', late)
    process.on('SIGINT', interrupted).on('SIGTERM', interrupted)
  })
}

const MAX_COMPLAINT = 65_536

/** The last line that it wrote to stderr, where most languages say what went wrong. */
function lastLine(complaint: readonly Buffer[]): string {
  const line = Buffer.concat(complaint).toString('utf8').trim().split('\n').at(-1) ?? ''
  return line === '' ? '' : `: ${shown(line)}`
}
