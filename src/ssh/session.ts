import { maxConnectTries } from '../limits.ts'
import { startTimeLimit, type TimeLimit } from '../time-limit.ts'
import { type Connected, connect } from './connect/connection.ts'
import { retryPause } from './connect/retry-pause.ts'
import type { HostAccess } from './host-access.ts'
import type { KnownHosts } from './known-hosts.ts'
import { becomeRoot } from './root/become-root.ts'
import type { RootShell } from './root-shell.ts'
import type { SessionFault } from './session-fault.ts'

/** An open session: one connection with one root shell on it. */
export interface Session {
  readonly shell: RootShell
  /** Ends shell and connection; safe at any time, also twice. */
  close(): void
}

/** A session, or the reason why there is none. */
export type Opened =
  | { readonly kind: 'opened'; readonly session: Session }
  | { readonly kind: 'failed'; readonly fault: SessionFault }

/** All times are in seconds. */
export interface SessionOptions {
  /** How long connecting, logging in and becoming root may take together. */
  readonly timeoutSeconds: number
  /** After this long without a sign of life an open session is `lost`; as long as the timeout unless given. */
  readonly keepaliveSeconds?: number
  /** Gives up opening. A session that is already open is not touched. */
  readonly signal?: AbortSignal
}

/**
 * Connects, verifies the host key before anything else, logs in, becomes root and returns. A fault of the host or of
 * the way to it is in the result. Takes at most `timeoutSeconds`.
 */
export async function openSession(
  access: HostAccess,
  knownHosts: KnownHosts,
  options: SessionOptions,
): Promise<Opened> {
  const timeLimit = startTimeLimit(options.timeoutSeconds, options.signal)
  const keepaliveSeconds = options.keepaliveSeconds ?? options.timeoutSeconds
  try {
    const connected = await connectPatiently(access, knownHosts, timeLimit, keepaliveSeconds)
    if (connected.kind === 'failed') return { kind: 'failed', fault: connected.fault }
    const { connection } = connected
    const became = await becomeRoot(connection, access, timeLimit)
    if (became.kind === 'root') {
      return { kind: 'opened', session: { shell: became.shell, close: connection.close } }
    }
    connection.close()
    return became
  } finally {
    timeLimit.dispose()
  }
}

// sshd drops connections at random while too many are logging in (MaxStartups), so another try may get through.
async function connectPatiently(
  access: HostAccess,
  knownHosts: KnownHosts,
  timeLimit: TimeLimit,
  keepaliveSeconds: number,
): Promise<Connected> {
  for (let tries = 1; ; tries++) {
    const connected = await connect(access, knownHosts, timeLimit, keepaliveSeconds)
    if (connected.kind === 'connected' || !connected.again || tries === maxConnectTries) {
      return connected
    }
    await retryPause(tries, timeLimit.signal)
    if (timeLimit.signal.aborted) return connected
  }
}
