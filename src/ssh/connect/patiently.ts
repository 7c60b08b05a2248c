import { maxConnectTries } from '../../limits.ts'
import type { TimeLimit } from '../../waiting/time-limit.ts'
import type { HostAccess } from '../host-access.ts'
import { connectLocally } from '../local/connect.ts'
import { connectByOpenssh } from '../openssh/connect.ts'
import type { Connected } from '../transport.ts'
import { connect } from './connection.ts'
import { retryPause } from './retry-pause.ts'

/** Connects, and tries again where sshd dropped a connection: it does so at random while too many are logging in (MaxStartups). */
export async function connectPatiently(
  access: HostAccess,
  timeLimit: TimeLimit,
  keepaliveSeconds: number,
): Promise<Connected> {
  if (access.local) return connectLocally(access.local)
  for (let tries = 1; ; tries++) {
    const connected = await (access.openssh ? connectByOpenssh : connect)(
      access,
      timeLimit,
      keepaliveSeconds,
    )
    if (connected.kind === 'connected' || !connected.again || tries === maxConnectTries) {
      return connected
    }
    await retryPause(tries, timeLimit.signal)
    if (timeLimit.signal.aborted) return connected
  }
}
