import { printable } from '../text/printable.ts'
import { startTimeLimit, type TimeLimit } from '../waiting/time-limit.ts'
import { type ConnectStep, recogniseConnectCause } from './connect/connect-cause.ts'
import { connectFault } from './connect/connect-fault.ts'
import { startOpening } from './connect/opening.ts'
import { retryPause } from './connect/retry-pause.ts'
import { interruptedFault, timeoutFault } from './connect/timeout-fault.ts'
import { dial } from './connect/wire.ts'
import type { HostAccess } from './host-access.ts'
import { knockByOpenssh } from './openssh/knock.ts'
import type { SessionFault } from './session-fault.ts'

/**
 * Shows by new connections whether sshd still answers. Resolves with undefined as soon as one of them brings an SSH
 * banner. If none does within `timeoutSeconds`, resolves with what the last one brought instead. Never rejects.
 */
export async function missingBanner(
  access: HostAccess,
  timeoutSeconds: number,
  signal: AbortSignal,
): Promise<SessionFault | undefined> {
  const timeLimit = startTimeLimit(timeoutSeconds, signal)
  let last: SessionFault | undefined
  try {
    // sshd drops connections at random while many are logging in (MaxStartups), so another try may get through.
    for (let tries = 1; ; tries++) {
      const tried =
        (await access.via?.notReady(timeLimit.signal)) ?? (await tryOnce(access, timeLimit))
      if (tried === 'banner') return undefined
      if (timeLimit.signal.reason === 'interrupted') return interruptedFault('connect')
      if (timeLimit.signal.aborted) return last ?? tried
      last = tried
      await retryPause(tries, timeLimit.signal)
    }
  } finally {
    timeLimit.dispose()
  }
}

function tryOnce(access: HostAccess, timeLimit: TimeLimit): Promise<'banner' | SessionFault> {
  const { openssh } = access
  if (openssh) return knockByOpenssh({ ...access, openssh }, timeLimit)
  const opening = startOpening()
  let step: ConnectStep = 'dialling'
  return new Promise((resolve) => {
    const done = (result: 'banner' | SessionFault): void => {
      timeLimit.signal.removeEventListener('abort', onAbort)
      socket.destroy()
      resolve(result)
    }
    const onAbort = (): void => done(timeoutFault(step, access, timeLimit.seconds))
    const failed = (message: string, code?: unknown): void => {
      const cause = recogniseConnectCause({ message, code }, step)
      done(connectFault(cause, access, printable(opening.greeting() || message)))
    }
    const socket = dial(access)
    // For good: an error that nobody hears ends the process.
    socket.on('error', ({ message, code }: NodeJS.ErrnoException) => failed(message, code))
    socket.on('close', () => failed('it said nothing'))
    socket.on('connect', () => {
      step = 'awaiting-banner'
    })
    socket.on('data', (chunk: Buffer) => {
      opening.push(chunk)
      if (opening.hasBanner()) done('banner')
      else if (opening.isNotSsh()) {
        done(connectFault('not-ssh', access, printable(opening.greeting())))
      }
    })
    timeLimit.signal.addEventListener('abort', onAbort, { once: true })
    if (timeLimit.signal.aborted) onAbort()
  })
}
