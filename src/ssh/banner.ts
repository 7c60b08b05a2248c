import { connect as dial } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { addressAttemptMs } from '../limits.ts'
import { printable } from '../text/printable.ts'
import { startTimeLimit, type TimeLimit } from '../time-limit.ts'
import { type ConnectStep, recogniseConnectCause } from './connect/connect-cause.ts'
import { connectFault } from './connect/connect-fault.ts'
import { interruptedFault, timeoutFault } from './connect/timeout-fault.ts'
import type { HostAccess } from './host-access.ts'
import type { SessionFault } from './session-fault.ts'

const LONGEST_GREETING = 8192
const LONGEST_PAUSE_MS = 1000

/**
 * Asks by new connections whether sshd still lets one in: resolves with undefined as soon as one of them brings an SSH
 * banner, or, when none has within `timeoutSeconds`, with what came instead. Never rejects.
 */
export async function missingBanner(
  access: HostAccess,
  timeoutSeconds: number,
  signal: AbortSignal,
): Promise<SessionFault | undefined> {
  const limit = startTimeLimit(timeoutSeconds, signal)
  let last: SessionFault | undefined
  try {
    // sshd drops connections at random while many are logging in (MaxStartups), so others may get through.
    for (let tries = 1; ; tries++) {
      const tried = await tryOnce(access, limit)
      if (tried === 'banner') return undefined
      if (limit.signal.reason === 'interrupted') return interruptedFault('connect')
      if (limit.signal.aborted) return last ?? tried
      last = tried
      const pause = Math.min(100 * 2 ** tries, LONGEST_PAUSE_MS) * (0.5 + Math.random())
      await delay(pause, undefined, { signal: limit.signal }).catch(() => undefined)
    }
  } finally {
    limit.dispose()
  }
}

function tryOnce(access: HostAccess, limit: TimeLimit): Promise<'banner' | SessionFault> {
  const { address: host, port } = access
  let step: ConnectStep = 'dialling'
  let greeting = ''
  return new Promise((resolve) => {
    const settle = (result: 'banner' | SessionFault): void => {
      limit.signal.removeEventListener('abort', onAbort)
      socket.destroy()
      resolve(result)
    }
    const onAbort = (): void => settle(timeoutFault(step, access, limit.seconds))
    const failed = (message: string, code?: unknown): void => {
      const failure = recogniseConnectCause({ message, code }, step)
      settle(connectFault(failure, access, printable(greeting || message)))
    }
    const socket = dial({
      host,
      port,
      noDelay: true,
      autoSelectFamilyAttemptTimeout: addressAttemptMs,
    })
    // For good: an error that nobody hears ends the process.
    socket.on('error', ({ message, code }: NodeJS.ErrnoException) => failed(message, code))
    socket.on('close', () => failed('it said nothing'))
    socket.on('connect', () => {
      step = 'awaiting-banner'
    })
    socket.on('data', (chunk: Buffer) => {
      // A server may say other lines first (RFC 4253, 4.2), but not for ever.
      greeting = (greeting + chunk.toString('latin1')).slice(0, LONGEST_GREETING)
      if (/^SSH-[^\r\n]*\r?\n/m.test(greeting)) settle('banner')
      else if (greeting.length === LONGEST_GREETING) {
        settle(connectFault('not-ssh', access, printable(greeting)))
      }
    })
    limit.signal.addEventListener('abort', onAbort, { once: true })
    if (limit.signal.aborted) onAbort()
  })
}
