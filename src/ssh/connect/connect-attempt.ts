import { printable } from '../../text/printable.ts'
import type { TimeLimit } from '../../time-limit.ts'
import type { Destination } from '../destination.ts'
import type { HostKeyCheck } from '../host-keys/host-key-check.ts'
import type { LoginRecord } from '../login/login-attempts.ts'
import { loginFault, recogniseLoginEnd } from '../login/login-fault.ts'
import type { SessionFault } from '../session-fault.ts'
import { type ConnectStep, recogniseConnectFailure } from './connect-failure.ts'
import { connectFault } from './connect-fault.ts'
import { interruptedFault, timeoutFault } from './timeout-fault.ts'

/** What is known of a connection on its way; `greeting` is what a host said in place of its banner. */
export interface ConnectAttempt {
  readonly destination: Destination
  readonly hostKey: HostKeyCheck
  readonly login: LoginRecord
  step: ConnectStep
  greeting: string
}

/** A failed try; `again` says that another one may fare better. */
export interface FailedConnect {
  readonly kind: 'failed'
  readonly fault: SessionFault
  readonly again: boolean
}

/** What an error of ssh2 or of the socket means at the step that was reached. */
export function failedBy(
  error: { readonly message: string; readonly code?: unknown },
  attempt: ConnectAttempt,
): FailedConnect {
  const { destination, hostKey, login, step, greeting } = attempt
  const words = printable(error.message || String(error.code))
  const refusedKey = hostKey.fault()
  if (refusedKey) return failed(refusedKey)
  if (step === 'logging-in') {
    return failed(loginFault(recogniseLoginEnd(error.message), destination, login, words))
  }
  const failure = recogniseConnectFailure(error, step)
  const fault = connectFault(failure, destination, printable(greeting) || words)
  return failed(fault, failure === 'closed-early')
}

/** What the end of the time limit means at the step that was reached. */
export function failedByLimit(limit: TimeLimit, attempt: ConnectAttempt): FailedConnect {
  return limit.signal.reason === 'interrupted'
    ? failed(interruptedFault('connect'))
    : failed(timeoutFault(attempt.step, attempt.destination, limit.seconds))
}

/** A host that lets the user in only with a new password. */
export function failedByExpiry({ destination, login }: ConnectAttempt): FailedConnect {
  return failed(loginFault('password-expired', destination, login, ''))
}

function failed(fault: SessionFault, again = false): FailedConnect {
  return { kind: 'failed', fault, again }
}
