import type { TimeLimit } from '../../waiting/time-limit.ts'
import { timeoutFault } from '../connect/timeout-fault.ts'
import type { HostAccess, OpensshWay } from '../host-access.ts'
import type { SessionFault } from '../session-fault.ts'
import { startHearing } from './hearing.ts'
import { opensshFault } from './openssh-fault.ts'
import { knockingWords } from './ssh-words.ts'
import { endSsh, startSsh } from './start-ssh.ts'

/** Opens a new connection by ssh, as for a login, and ends it at the SSH banner of the host. */
export function knockByOpenssh(
  access: HostAccess & { readonly openssh: OpensshWay },
  timeLimit: TimeLimit,
): Promise<'banner' | SessionFault> {
  return new Promise((resolve) => {
    const done = (result: 'banner' | SessionFault): void => {
      timeLimit.signal.removeEventListener('abort', onAbort)
      endSsh(ssh)
      resolve(result)
    }
    const onAbort = (): void => done(timeoutFault(hearing.step(), access, timeLimit.seconds))
    const hearing = startHearing(() => {
      if (hearing.step() === 'exchanging-keys') done('banner')
    })
    const ssh = startSsh(knockingWords(access, timeLimit.seconds), 'ignore')
    ssh.stderr?.on('data', hearing.push)
    ssh.on('error', () => done(opensshFault(hearing, access).fault))
    ssh.once('close', () => done(opensshFault(hearing, access).fault))
    timeLimit.signal.addEventListener('abort', onAbort, { once: true })
    if (timeLimit.signal.aborted) onAbort()
  })
}
