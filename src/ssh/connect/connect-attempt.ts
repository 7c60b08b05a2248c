import type { Client } from 'ssh2'
import { printable } from '../../text/printable.ts'
import type { TimeLimit } from '../../waiting/time-limit.ts'
import type { HostAccess } from '../host-access.ts'
import type { HostKeyVerifier } from '../host-keys/host-key-verifier.ts'
import type { LoginRecord } from '../login/login-attempts.ts'
import { loginFault, recogniseLoginRefusal } from '../login/login-fault.ts'
import type { SessionFault } from '../session-fault.ts'
import type { Connected } from '../transport.ts'
import { type ConnectStep, recogniseConnectCause } from './connect-cause.ts'
import { connectFault } from './connect-fault.ts'
import { type Opening, startOpening } from './opening.ts'
import { interruptedFault, timeoutFault } from './timeout-fault.ts'
import type { Wire } from './wire.ts'

/** One try to connect: what it works with, and how far it has come. */
export interface ConnectAttempt {
  readonly access: HostAccess
  readonly hostKey: HostKeyVerifier
  readonly login: LoginRecord
  readonly opening: Opening
  readonly step: () => ConnectStep
}

type Failed = Extract<Connected, { readonly kind: 'failed' }>

/** Follows a try from its first packet on. */
export function followAttempt(
  client: Client,
  socket: Wire,
  known: Pick<ConnectAttempt, 'access' | 'hostKey' | 'login'>,
): ConnectAttempt {
  const opening = startOpening()
  let dialled = false
  let encrypted = false
  const hear = (chunk: Buffer) => opening.push(chunk)
  socket.once('connect', () => {
    dialled = true
    // Only now: a listener for data would start the flow before ssh2 listens.
    socket.on('data', hear)
  })
  client.once('handshake', () => {
    encrypted = true
    socket.off('data', hear)
  })
  const step = () => {
    if (encrypted) return 'logging-in'
    if (opening.hasBanner()) return 'exchanging-keys'
    return dialled ? 'awaiting-banner' : 'dialling'
  }
  return { ...known, opening, step }
}

/** What an error of ssh2 or of the socket means at the step that was reached. */
export function failedBy(
  error: { readonly message: string; readonly code?: unknown },
  { access, hostKey, login, opening, step }: ConnectAttempt,
): Failed {
  const words = printable(error.message || String(error.code))
  const refusedKey = hostKey.fault()
  if (refusedKey) return failed(refusedKey)
  if (step() === 'logging-in') {
    return failed(loginFault(recogniseLoginRefusal(error.message), access, login, words))
  }
  const cause = recogniseConnectCause(error, step())
  const said = opening.hasBanner() ? '' : printable(opening.greeting())
  const fault = connectFault(cause, access, said || words, opening.offers())
  return failed(fault, cause === 'closed-early')
}

/** What the end of the time limit means at the step that was reached. */
export function failedByLimit(timeLimit: TimeLimit, { step, access }: ConnectAttempt): Failed {
  return timeLimit.signal.reason === 'interrupted'
    ? failed(interruptedFault('connect'))
    : failed(timeoutFault(step(), access, timeLimit.seconds))
}

/** A host that lets the user in only with a new password. */
export function failedByExpiry({ access, login }: ConnectAttempt): Failed {
  return failed(loginFault('password-expired', access, login, ''))
}

function failed(fault: SessionFault, again = false): Failed {
  return { kind: 'failed', fault, again }
}
