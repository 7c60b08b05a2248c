import { startTimeLimit } from '../waiting/time-limit.ts'
import { connectPatiently } from './connect/patiently.ts'
import type { HostAccess } from './host-access.ts'
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
 * the way to it is in the result. Takes at most `timeoutSeconds`, or ConnectTimeout if that is more; and before that as long for each bastion that is not connected yet.
 */
export async function openSession(access: HostAccess, options: SessionOptions): Promise<Opened> {
  const unready = await access.via?.notReady(options.signal)
  if (unready) return { kind: 'failed', fault: unready }
  const { timeoutSeconds, keepaliveSeconds: usual = timeoutSeconds } = options
  const timeLimit = startTimeLimit(
    Math.max(timeoutSeconds, access.connectSeconds ?? 0),
    options.signal,
  )
  const keepaliveSeconds = Math.min(usual, access.aliveSeconds ?? usual)
  try {
    const connected = await connectPatiently(access, timeLimit, keepaliveSeconds)
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
