import { StringDecoder } from 'node:string_decoder'
import { type GroupEnd, runInGroup } from '../jump-host/process-group.ts'
import { createTextTail } from '../text/text-tail.ts'
import { failed, type ProbeResult, passed } from './probe-result.ts'

/**
 * Runs a command of the inventory on this machine by `/bin/sh -c`; it passes with exit code 0. The command has no input.
 * Of its output only the last line is shown, and only when it fails. When it ends, or when the signal comes, its whole
 * process group is killed.
 */
export async function tryCommand(command: string, signal: AbortSignal): Promise<ProbeResult> {
  const tail = createTextTail()
  const hears = () => {
    const decoder = new StringDecoder('utf8')
    return (chunk: Buffer): void => tail.push(decoder.write(chunk))
  }
  const listener = { stdout: hears(), stderr: hears() }
  const end = await runInGroup('/bin/sh', ['-c', command], listener, signal)
  const fault = faultOf(end)
  if (fault === undefined) return passed
  const line = tail.lastLine()
  return failed(end.kind === 'aborted' || line === '' ? fault : `${fault}: ${line}`)
}

function faultOf(end: GroupEnd): string | undefined {
  switch (end.kind) {
    case 'exited':
      return end.code === 0 ? undefined : `exit code ${end.code}`
    case 'killed':
      return `ended by ${end.by}`
    case 'not-started':
      return `cannot be started: ${end.cause.message}`
    case 'aborted':
      return 'aborted'
  }
}
