import { resolve } from 'node:path'
import { FwRunError } from '../../errors.ts'
import { runInGroup } from '../../jump-host/process-group.ts'
import { maxScriptBytes } from '../../limits.ts'
import { typed } from '../../text/shell-quotes.ts'
import { shown } from '../../text/shown.ts'
import { eitherSignal } from '../../waiting/either-signal.ts'
import type { TimeLimit } from '../../waiting/time-limit.ts'

/**
 * What an inventory script prints. A script that fails, prints too much or is not done within the time limit is an
 * FwRunError. It is killed with all that it has started; also on Ctrl-C.
 */
export async function runScript(
  file: string,
  words: readonly string[],
  limit: TimeLimit,
): Promise<string> {
  const output: Buffer[] = []
  const complaint: Buffer[] = []
  let [size, complained] = [0, 0]
  const enough = new AbortController()
  const end = await runInGroup(
    resolve(file),
    words,
    {
      stdout(chunk) {
        size += chunk.length
        output.push(chunk)
        if (size > maxScriptBytes) enough.abort()
      },
      stderr(chunk) {
        complained += chunk.length
        if (complained <= MAX_COMPLAINT) complaint.push(chunk)
      },
    },
    eitherSignal(limit.signal, enough.signal),
  )
  const fail = (message: string, cause?: Error): FwRunError =>
    new FwRunError('inventory', `${file}: the script ${message}.`, {
      remedy: toSee(file, words),
      ...(cause && { cause }),
    })
  if (size > maxScriptBytes) throw fail(`printed more than ${maxScriptBytes / 1e6} MB`)
  switch (end.kind) {
    case 'exited':
      if (end.code === 0) return Buffer.concat(output).toString('utf8')
      throw fail(`failed with exit code ${end.code}${lastLine(complaint)}`)
    case 'killed':
      throw fail(`was killed (${end.by})${lastLine(complaint)}`)
    case 'not-started':
      throw fail(`cannot be run: ${end.cause.message}`, end.cause)
    case 'aborted':
      if (limit.signal.reason === 'timeout')
        throw fail(`is not done after ${limit.seconds} s. fw-run has stopped it`)
      throw new FwRunError('interrupted', `Interrupted while the script ${file} was running.`)
  }
}

/** How to see what a script prints. A shell looks for a name without a slash in PATH only. */
export function toSee(file: string, words: readonly string[]): string {
  const program = file.includes('/') ? file : `./${file}`
  return `To see what the script prints: ${[program, ...words].map(typed).join(' ')}`
}

const MAX_COMPLAINT = 65_536

/** The last line that it wrote to stderr, where most languages say what went wrong. */
function lastLine(complaint: readonly Buffer[]): string {
  const line = Buffer.concat(complaint).toString('utf8').trim().split('\n').at(-1) ?? ''
  return line === '' ? '' : `: ${shown(line)}`
}
