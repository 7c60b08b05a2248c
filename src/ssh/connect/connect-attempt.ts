import { printable } from '../../text/printable.ts'
import type { TimeLimit } from '../../time-limit.ts'
import type { HostAccess } from '../host-access.ts'
import type { HostKeyVerifier } from '../host-keys/host-key-verifier.ts'
import type { LoginRecord } from '../login/login-attempts.ts'
import { loginFault, recogniseLoginRefusal } from '../login/login-fault.ts'
import type { SessionFault } from '../session-fault.ts'
import { type ConnectStep, recogniseConnectCause } from './connect-cause.ts'
import { connectFault } from './connect-fault.ts'
import { interruptedFault, timeoutFault } from './timeout-fault.ts'

/** What is known of a connection on its way; `greeting` is what a host said in place of its banner. */
export interface ConnectAttempt {
  readonly access: HostAccess
  readonly hostKey: HostKeyVerifier
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
  const { access, hostKey, login, step, greeting } = attempt
  const words = printable(error.message || String(error.code))
  const refusedKey = hostKey.fault()
  if (refusedKey) return failed(refusedKey)
  if (step === 'logging-in') {
    return failed(loginFault(recogniseLoginRefusal(error.message), access, login, words))
  }
  const failure = recogniseConnectCause(error, step)
  const fault = connectFault(failure, access, printable(greeting) || words)
  return failed(fault, failure === 'closed-early')
}

/** What the end of the time limit means at the step that was reached. */
export function failedByLimit(limit: TimeLimit, attempt: ConnectAttempt): FailedConnect {
  return limit.signal.reason === 'interrupted'
    ? failed(interruptedFault('connect'))
    : failed(timeoutFault(attempt.step, attempt.access, limit.seconds))
}

/** A host that lets the user in only with a new password. */
export function failedByExpiry({ access, login }: ConnectAttempt): FailedConnect {
  return failed(loginFault('password-expired', access, login, ''))
}

function failed(fault: SessionFault, again = false): FailedConnect {
  return { kind: 'failed', fault, again }
}
