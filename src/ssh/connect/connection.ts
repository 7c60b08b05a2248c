import { connect as dial, type Socket } from 'node:net'
import ssh2, { type Client } from 'ssh2'
import { addressAttemptMs } from '../../limits.ts'
import { printable } from '../../text/printable.ts'
import type { TimeLimit } from '../../time-limit.ts'
import type { HostAccess } from '../host-access.ts'
import { hostKeyVerifier } from '../host-keys/host-key-verifier.ts'
import type { KnownHosts } from '../known-hosts.ts'
import { loginAttempts } from '../login/login-attempts.ts'
import {
  type ConnectAttempt,
  type FailedConnect,
  failedBy,
  failedByExpiry,
  failedByLimit,
} from './connect-attempt.ts'

/** A connection that is logged in. */
export interface Connection {
  readonly client: Client
  /** Resolves once the connection is gone, with the reason in a few words. */
  readonly lost: Promise<string>
  close(): void
}

/** What became of one try to connect. */
export type Connected =
  | { readonly kind: 'connected'; readonly connection: Connection }
  | FailedConnect

const UNANSWERED_KEEPALIVES = 3
const CLOSE_GRACE_MS = 1000

/** Dials, verifies the host key and logs in, once; silent for `keepaliveSeconds` after that, a host is lost. */
export function connect(
  access: HostAccess,
  knownHosts: KnownHosts,
  limit: TimeLimit,
  keepaliveSeconds: number,
): Promise<Connected> {
  const { address: host, port, user: username } = access
  const hostKey = hostKeyVerifier(access, knownHosts)
  const login = loginAttempts(access)
  const client = new ssh2.Client()
  const socket = dial({
    host,
    port,
    noDelay: true,
    autoSelectFamilyAttemptTimeout: addressAttemptMs,
  })
  const attempt = trace(client, socket, { access, hostKey, login: login.record })
  const connection = watch(client, socket)

  return new Promise((resolve) => {
    const settle = (connected: Connected) => {
      limit.signal.removeEventListener('abort', onAbort)
      client.off('error', onError)
      if (connected.kind === 'failed') socket.destroy()
      resolve(connected)
    }
    const onAbort = () => settle(failedByLimit(limit, attempt))
    const onError = (error: Error) => {
      if (!isSkippedKey(error)) settle(failedBy(error, attempt))
    }

    client.on('error', onError)
    client.once('change password', () => settle(failedByExpiry(attempt)))
    client.once('ready', () => settle({ kind: 'connected', connection }))
    void connection.lost.then((reason) => settle(failedBy(new Error(reason), attempt)))
    limit.signal.addEventListener('abort', onAbort, { once: true })
    if (limit.signal.aborted) return onAbort()

    client.connect({
      sock: socket,
      username,
      readyTimeout: 0,
      keepaliveInterval: (keepaliveSeconds * 1000) / (UNANSWERED_KEEPALIVES + 1),
      keepaliveCountMax: UNANSWERED_KEEPALIVES,
      algorithms: { serverHostKey: hostKey.algorithms },
      hostVerifier: (key: Buffer) => hostKey.accepts(key),
      authHandler: login.next,
    })
  })
}

function trace(
  client: Client,
  socket: Socket,
  known: Pick<ConnectAttempt, 'access' | 'hostKey' | 'login'>,
): ConnectAttempt {
  const attempt: ConnectAttempt = { ...known, step: 'dialling', greeting: '' }
  socket.once('connect', () => {
    attempt.step = 'awaiting-banner'
    // Only now: earlier, this would start the flow of data before ssh2 listens.
    socket.once('data', (first: Buffer) => {
      if (first.includes('SSH-')) attempt.step = 'exchanging-keys'
      else attempt.greeting = first.toString('latin1')
    })
  })
  client.once('handshake', () => {
    attempt.step = 'logging-in'
  })
  return attempt
}

function watch(client: Client, socket: Socket): Connection {
  let reason = 'the host closed the connection'
  // For good: ssh2 may report more than one error, and an error that nobody hears ends the process.
  client.on('error', (error) => {
    if (error.level === 'client-timeout') reason = 'the host no longer answers'
    else if (!isSkippedKey(error)) reason = printable(error.message)
  })
  return {
    client,
    lost: new Promise((resolve) => client.once('close', () => resolve(reason))),
    close() {
      reason = 'it was closed from here'
      client.end()
      setTimeout(() => socket.destroy(), CLOSE_GRACE_MS).unref()
    },
  }
}

// Neither ends the login: ssh2 goes on with the next key by itself.
function isSkippedKey(error: Error & { level?: string }): boolean {
  return error.level === 'agent' || /^Error (?:while )?signing/.test(error.message)
}
