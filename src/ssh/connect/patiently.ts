import { maxCommandTries, maxConnectTries } from '../../limits.ts'
import type { TimeLimit } from '../../waiting/time-limit.ts'
import { unlessAborted } from '../../waiting/unless-aborted.ts'
import type { HostAccess } from '../host-access.ts'
import { connectLocally } from '../local/connect.ts'
import { connectByOpenssh } from '../openssh/connect.ts'
import type { SessionFault } from '../session-fault.ts'
import type { Connected } from '../transport.ts'
import { answersArp } from './arp.ts'
import { connectFault } from './connect-fault.ts'
import { connect } from './connection.ts'
import { retryPause } from './retry-pause.ts'

/**
 * Connects, and tries again where sshd dropped a connection: it does so at random while too many are logging in (MaxStartups).
 * Where no route leads to a host that is up, its fault says so.
 */
export async function connectPatiently(
  access: HostAccess,
  timeLimit: TimeLimit,
  keepaliveSeconds: number,
): Promise<Connected> {
  if (access.local) return connectLocally(access.local)
  const maxTries = access.openssh?.proxyCommand === undefined ? maxConnectTries : maxCommandTries
  for (let tries = 1; ; tries++) {
    const connected = await (access.openssh ? connectByOpenssh : connect)(
      access,
      timeLimit,
      keepaliveSeconds,
    )
    if (connected.kind === 'connected') return connected
    if (!connected.again || tries === maxTries) {
      return (await isRejected(connected.fault, access, timeLimit.signal))
        ? { ...connected, fault: connectFault('rejected', access, '') }
        : connected
    }
    await retryPause(tries, timeLimit.signal)
    if (timeLimit.signal.aborted) return connected
  }
}

/**
 * Whether it was the host that said there is no route, by ICMP. The kernel says the same of a host on its own subnet that is down,
 * but then that host has not answered ARP.
 */
async function isRejected(
  { silence }: SessionFault,
  { address, via }: HostAccess,
  signal: AbortSignal,
): Promise<boolean> {
  if (silence !== 'no-route' || via) return false
  return (await unlessAborted(answersArp(address), signal)) ?? false
}
