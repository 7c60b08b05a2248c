import type { ClientChannel } from 'ssh2'
import { printable } from '../../text/printable.ts'
import { createTextTail } from '../../text/text-tail.ts'
import type { TimeLimit } from '../../waiting/time-limit.ts'
import type { Connection } from '../connect/connection.ts'
import { interruptedFault } from '../connect/timeout-fault.ts'
import type { HostAccess } from '../host-access.ts'
import { createRootShell, type RootShell } from '../root-shell.ts'
import type { SessionFault } from '../session-fault.ts'
import { type RootCommand, rootCommand } from './root-command.ts'
import {
  brokenRootFault,
  notRootFault,
  recogniseRootRefusal,
  rootFault,
  rootTimeoutFault,
} from './sudo-faults.ts'

/** A root shell, or why there is none. */
export type BecameRoot =
  | { readonly kind: 'root'; readonly shell: RootShell }
  | { readonly kind: 'failed'; readonly fault: SessionFault }

/** Runs the one command of the session and waits until a root shell answers. */
export async function becomeRoot(
  connection: Connection,
  access: HostAccess,
  timeLimit: TimeLimit,
): Promise<BecameRoot> {
  const command = rootCommand(access.become, access.becomePassword !== undefined)
  return new Promise((resolve) => {
    const fail = (fault: SessionFault) => resolve({ kind: 'failed', fault })
    // A host that accepts the login and then does not answer must not take longer than the time limit.
    const onAbort = () => fail(abortFault(timeLimit, false, ''))
    timeLimit.signal.addEventListener('abort', onAbort, { once: true })
    if (timeLimit.signal.aborted) onAbort()
    void connection.lost.then((why) => fail(brokenRootFault(why)))
    try {
      connection.client.exec(command.text, (error, channel) => {
        timeLimit.signal.removeEventListener('abort', onAbort)
        if (error) fail(brokenRootFault(printable(error.message)))
        else resolve(awaitRoot(channel, command, connection, access, timeLimit))
      })
    } catch (error) {
      // ssh2 throws here when the connection has just gone.
      fail(brokenRootFault(printable(String(error))))
    }
  })
}

function abortFault(timeLimit: TimeLimit, passwordSent: boolean, words: string): SessionFault {
  return timeLimit.signal.reason === 'interrupted'
    ? interruptedFault('become')
    : rootTimeoutFault(timeLimit.seconds, passwordSent, words)
}

/**
 * Waits for the root shell's answer. What comes before it on stdout is noise of startup files. The password is sent
 * once, to the prompt that carries our nonce: where sudo does not ask, the shell would run it as a command. A second
 * prompt means that the password was wrong.
 */
function awaitRoot(
  channel: ClientChannel,
  command: RootCommand,
  connection: Connection,
  access: HostAccess,
  timeLimit: TimeLimit,
): Promise<BecameRoot> {
  const noise = createTextTail()
  const stderr = createTextTail()
  let passwordSent = false

  return new Promise((resolve) => {
    const done = (result: BecameRoot) => {
      timeLimit.signal.removeEventListener('abort', onAbort)
      channel.off('data', onStdout).off('close', onClose)
      channel.stderr.off('data', onPrompt)
      resolve(result)
    }
    const fail = (fault: SessionFault) => done({ kind: 'failed', fault })
    const words = () => stderr.lastLine() || noise.lastLine()
    const refusal = () => recogniseRootRefusal(`${stderr.text()}\n${noise.text()}`)

    // One character for each byte, so that what follows the marker can be handed on unharmed.
    const onStdout = (chunk: Buffer) => {
      const seen = noise.text() + chunk.toString('latin1')
      const answer = command.ready.exec(seen)
      if (!answer) return noise.push(chunk.toString('latin1'))
      if (answer[1] !== '0') return fail(notRootFault(access, answer[1] ?? ''))
      const rest = seen.slice(answer.index + answer[0].length)
      const shell = createRootShell(channel, Buffer.from(rest, 'latin1'), stderr, connection)
      done({ kind: 'root', shell })
    }
    const onPrompt = () => {
      const prompted = command.prompt.test(stderr.text())
      // When sudo has the password and asks again or explains itself, it has refused.
      const refused = passwordSent ? refusal() : 'unknown'
      if (refused !== 'unknown') return fail(rootFault(refused, access, words()))
      if (!prompted || !access.becomePassword) return
      if (passwordSent) return fail(rootFault('wrong-password', access, words()))
      passwordSent = true
      stderr.clear()
      channel.write(`${access.becomePassword.reveal()}\n`)
    }
    const onClose = (code?: number | null) => {
      // Without a code the connection is gone, which says nothing of sudo.
      if (code === undefined) void connection.lost.then((why) => fail(brokenRootFault(why)))
      else fail(rootFault(refusal(), access, words()))
    }
    const onAbort = () => fail(abortFault(timeLimit, passwordSent, words()))

    channel.on('error', () => {})
    channel.on('data', onStdout)
    channel.once('close', onClose)
    channel.stderr.on('data', (chunk: Buffer) => {
      stderr.push(chunk.toString())
      stderr.clearThrough(command.begin)
    })
    channel.stderr.on('data', onPrompt)
    timeLimit.signal.addEventListener('abort', onAbort, { once: true })
    if (timeLimit.signal.aborted) onAbort()
  })
}
