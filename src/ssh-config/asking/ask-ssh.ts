import { execFile } from 'node:child_process'
import { FwRunError } from '../../errors.ts'
import { ownVariablesLeftOut } from '../../jump-host/process-group.ts'
import { maxSshAnswerBytes, sshAnswerMs } from '../../limits.ts'
import { printable } from '../../text/printable.ts'
import { shown } from '../../text/shown.ts'
import type { TimeLimit } from '../../waiting/time-limit.ts'
import { type PrintedSettings, parsePrinted } from './printed-settings.ts'

/** What ssh printed, or that there is no ssh on this machine. */
export type Printed = PrintedSettings | 'no-ssh'

/**
 * Asks `ssh -G` what ssh would use for a host. It connects nowhere, but runs the commands of `Match exec`. A configuration
 * that ssh refuses is a `credentials` fault with its words.
 */
export function askSsh(host: string, words: readonly string[], limit: TimeLimit): Promise<Printed> {
  const asked = ['-T', '-G', ...words, '--', host]
  return new Promise((resolve, reject) => {
    const child = execFile(
      'ssh',
      asked,
      {
        env: ownVariablesLeftOut(),
        timeout: sshAnswerMs,
        killSignal: 'SIGKILL',
        maxBuffer: maxSshAnswerBytes,
        signal: limit.signal,
      },
      (error, stdout, stderr) => {
        if (!error) resolve(parsePrinted(stdout))
        else if (error.code === 'ENOENT' && child.pid === undefined) resolve('no-ssh')
        else if (limit.signal.aborted) reject(abortion(limit, error))
        else reject(refusal(host, words, error, stderr))
      },
    )
    child.stdin?.end()
  })
}

/** Ctrl-C, or the end of the time for the answers about all hosts. */
function abortion({ signal, seconds }: TimeLimit, cause: Error): FwRunError {
  return signal.reason === 'timeout'
    ? new FwRunError('credentials', `ssh did not answer for all hosts within ${seconds} s.`, {
        remedy:
          'Look for slow commands of `Match exec` in the SSH configuration. Or run with --no-ssh-config.',
        cause,
      })
    : new FwRunError('interrupted', 'Interrupted before fw-run connected to any host.', { cause })
}

function refusal(
  host: string,
  words: readonly string[],
  error: Error & { readonly killed?: boolean },
  stderr: string,
): FwRunError {
  const said = printable(stderr.trim() || error.message.split('\n')[0] || '')
  const why = error.killed ? `it gave no answer within ${sshAnswerMs / 1000} s` : said
  const file = words[words.indexOf('-F') + 1]
  const how = words.includes('-F') && file !== undefined ? `ssh -F ${file} -G` : 'ssh -G'
  return new FwRunError(
    'credentials',
    `ssh did not print its configuration for ${shown(host)}: ${why}`,
    {
      remedy: `Correct the SSH configuration until \`${how} ${host}\` answers; or run with --no-ssh-config.`,
      cause: error,
    },
  )
}
