import { messageOf } from '../../errors.ts'
import { printable } from '../../text/printable.ts'
import { createTextTail } from '../../text/text-tail.ts'
import type { TimeLimit } from '../../waiting/time-limit.ts'
import { interruptedFault } from '../connect/timeout-fault.ts'
import type { HostAccess } from '../host-access.ts'
import { createRootShell, type RootShell } from '../root-shell.ts'
import type { SessionFault } from '../session-fault.ts'
import type { Connection, RemoteProgram } from '../transport.ts'
import { type RootCommand, rootCommand } from './root-command.ts'
import {
  brokenRootFault,
  notRootFault,
  type RootRefusal,
  recogniseRootRefusal,
  rootFault,
  rootTimeoutFault,
} from './root-faults.ts'

/** A root shell, or why there is none. */
export type BecameRoot =
  | { readonly kind: 'root'; readonly shell: RootShell }
  | { readonly kind: 'failed'; readonly fault: SessionFault }

/** Runs the one command of the session and waits until a root shell answers. Only a host that insists on a terminal gets one. */
export async function becomeRoot(
  connection: Connection,
  access: HostAccess,
  timeLimit: TimeLimit,
): Promise<BecameRoot> {
  const became = await tryToBecomeRoot(connection, access, timeLimit, false)
  if (became !== 'needs-terminal') return became
  const onTerminal = await tryToBecomeRoot(connection, access, timeLimit, true)
  return onTerminal === 'needs-terminal'
    ? { kind: 'failed', fault: rootFault('needs-terminal', access, '') }
    : onTerminal
}

function tryToBecomeRoot(
  connection: Connection,
  access: HostAccess,
  timeLimit: TimeLimit,
  onTerminal: boolean,
): Promise<BecameRoot | 'needs-terminal'> {
  const command = rootCommand(access.become, access.becomePassword !== undefined, onTerminal)
  return new Promise((resolve) => {
    const fail = (fault: SessionFault) => resolve({ kind: 'failed', fault })
    // A host that accepts the login and then does not answer must not take longer than the time limit.
    const onAbort = () => fail(abortFault(timeLimit, access, false, ''))
    timeLimit.signal.addEventListener('abort', onAbort, { once: true })
    if (timeLimit.signal.aborted) onAbort()
    void connection.lost.then((why) => fail(brokenRootFault(why, access)))
    const run = async () => {
      try {
        const program = await connection.run(command.text, onTerminal)
        timeLimit.signal.removeEventListener('abort', onAbort)
        resolve(awaitRoot(program, command, connection, access, timeLimit))
      } catch (error) {
        if (/pseudo-terminal/.test(messageOf(error))) resolve('needs-terminal')
        else fail(brokenRootFault(printable(messageOf(error)), access))
      }
    }
    void run()
  })
}

function abortFault(
  timeLimit: TimeLimit,
  access: HostAccess,
  passwordSent: boolean,
  words: string,
): SessionFault {
  return timeLimit.signal.reason === 'interrupted'
    ? interruptedFault('become')
    : rootTimeoutFault(timeLimit.seconds, access, passwordSent, words)
}

/** Whether a terminal may help. doas takes a password on a terminal only. */
function isForLackOfTerminal(
  refusal: RootRefusal,
  { quit }: RootCommand,
  { become, becomePassword }: HostAccess,
): boolean {
  if (quit !== undefined) return false
  const mayAsk = become !== 'none' && become.method === 'doas' && becomePassword !== undefined
  return refusal === 'needs-terminal' || (refusal === 'password-needed' && mayAsk)
}

/**
 * Waits for the root shell's answer. What comes before it on stdout is noise of startup files. The password is sent
 * once, to a prompt that can only come from the program that was asked: where it does not ask, the shell would run it as
 * a command. A second prompt means that the password was wrong. On a terminal, what belongs to stderr comes on stdout.
 */
function awaitRoot(
  program: RemoteProgram,
  command: RootCommand,
  connection: Connection,
  access: HostAccess,
  timeLimit: TimeLimit,
): Promise<BecameRoot | 'needs-terminal'> {
  const noise = createTextTail()
  const stderr = createTextTail()
  let passwordSent = false

  return new Promise((resolve) => {
    const done = (result: BecameRoot | 'needs-terminal') => {
      timeLimit.signal.removeEventListener('abort', onAbort)
      program.stdout.off('data', onStdout)
      program.stderr.off('data', onPrompt)
      resolve(result)
    }
    const fail = (fault: SessionFault) => done({ kind: 'failed', fault })
    const words = () => stderr.lastLine() || noise.lastLine()
    const refusal = () => recogniseRootRefusal(`${stderr.text()}\n${noise.text()}`)

    // One character for each byte, so that what follows the marker can be handed on unharmed.
    const onStdout = (chunk: Buffer) => {
      const text = chunk.toString('latin1')
      const seen = noise.text() + text
      const answer = command.ready.exec(seen)
      if (answer) {
        if (answer[1] !== '0') return fail(notRootFault(access, answer[1] ?? ''))
        const rest = Buffer.from(seen.slice(answer.index + answer[0].length), 'latin1')
        const shell = createRootShell(program, { rest, quit: command.quit, stderr }, connection)
        return done({ kind: 'root', shell })
      }
      noise.push(text)
      if (command.quit === undefined) return
      stderr.push(text)
      onPrompt()
    }
    const onPrompt = () => {
      // When the program has the password and asks again or explains itself, it has refused.
      const refused = passwordSent ? refusal() : 'unknown'
      if (refused !== 'unknown') return fail(rootFault(refused, access, words()))
      const prompt = passwordSent ? command.secondPrompt : command.prompt
      if (!prompt.test(stderr.text())) return
      if (passwordSent) return fail(rootFault('wrong-password', access, words()))
      if (!access.becomePassword) return fail(rootFault('password-needed', access, words()))
      passwordSent = true
      stderr.clear()
      noise.clear()
      program.stdin.write(`${access.becomePassword.reveal()}\n`)
    }
    const onAbort = () => fail(abortFault(timeLimit, access, passwordSent, words()))

    program.stdout.on('data', onStdout)
    program.stderr.on('data', (chunk: Buffer) => {
      stderr.push(chunk.toString())
      stderr.clearThrough(command.begin)
    })
    program.stderr.on('data', onPrompt)
    void program.ended.then((end) => {
      // A connection that is gone says nothing of sudo.
      if (end.kind === 'lost') fail(brokenRootFault(end.reason, access))
      else if (isForLackOfTerminal(refusal(), command, access)) done('needs-terminal')
      else fail(rootFault(refusal(), access, words()))
    })
    timeLimit.signal.addEventListener('abort', onAbort, { once: true })
    if (timeLimit.signal.aborted) onAbort()
  })
}
