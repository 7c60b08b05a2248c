import { setTimeout as delay } from 'node:timers/promises'
import { FwRunError, messageOf } from '../../errors.ts'
import { printable } from '../../text/printable.ts'
import type { TimeLimit } from '../../waiting/time-limit.ts'
import { connectFault } from '../connect/connect-fault.ts'
import { interruptedFault, timeoutFault } from '../connect/timeout-fault.ts'
import type { HostAccess, OpensshWay } from '../host-access.ts'
import { unwrittenKeyFault } from '../host-keys/host-key-fault.ts'
import { whyNotWritable } from '../host-keys/remember-host-key.ts'
import type { SessionFault } from '../session-fault.ts'
import type { Connected } from '../transport.ts'
import { answersFor } from './answers.ts'
import { type Hearing, startHearing } from './hearing.ts'
import { masterConnection, tooMuch } from './master-connection.ts'
import { opensshFault } from './openssh-fault.ts'
import { masterWords, mayAcceptNew } from './ssh-words.ts'
import { endSsh, startSsh } from './start-ssh.ts'

const lastWordsMs = 1000

// What a bastion said of a host may come a moment later than the end of the host's ssh.
const bastionWordsMs = 100

/**
 * Connects by the ssh binary: it verifies the host key, logs in, and goes on in the background as the master of a control
 * socket. After that the connection is lost when the host does not answer for `keepaliveSeconds`.
 */
export async function connectByOpenssh(
  access: HostAccess,
  timeLimit: TimeLimit,
  keepaliveSeconds: number,
): Promise<Connected> {
  const { openssh } = access
  if (!openssh) throw new TypeError('this host is not for the program ssh')
  let asking: Awaited<ReturnType<OpensshWay['place']['asking']>> | undefined
  try {
    const { acceptNew } = access.hostKeys
    if (acceptNew && mayAcceptNew(access)) {
      const why = await whyNotWritable(acceptNew.file)
      if (why) return failed(unwrittenKeyFault(access, undefined, acceptNew.file, why))
    }
    let hearing: Hearing | undefined
    const answers = answersFor(access, openssh, () => hearing?.mayPassOn() ?? true)
    const socket = await openssh.place.socket()
    asking = answers && (await openssh.place.asking(answers))
    const about = { socket, seconds: timeLimit.seconds, keepaliveSeconds }
    const words = masterWords({ ...access, openssh }, about, asking !== undefined)
    const started = start(words, socket, asking?.env, access, timeLimit)
    hearing = started.hearing
    return await started.connected
  } catch (error) {
    if (error instanceof FwRunError) {
      const { message, remedy = startable } = error
      return failed({ stage: 'connect', reason: message, remedy })
    }
    return failed({
      stage: 'connect',
      reason: `ssh could not be started: ${printable(messageOf(error))}.`,
      remedy: startable,
    })
  } finally {
    asking?.stop()
  }
}

const startable =
  'Install openssh-client. TMPDIR must be a directory where fw-run can make files and sockets.'

function start(
  words: readonly string[],
  socket: string,
  env: Readonly<Record<string, string>> | undefined,
  access: HostAccess,
  timeLimit: TimeLimit,
): { readonly hearing: Hearing; readonly connected: Promise<Connected> } {
  let notice = () => {}
  const hearing = startHearing(() => notice())
  const connected = new Promise<Connected>((resolve) => {
    const master = startSsh(words, 'ignore', env)
    notice = () => {
      const { acceptNew } = access.hostKeys
      if (acceptNew && hearing.wroteKey() === false)
        done(failed(unwrittenKeyFault(access, hearing.key(), acceptNew.file, 'ssh could not')))
    }
    const connection = masterConnection(master, hearing, socket, access)
    const silent = new Promise((resolve) => master.stderr?.once('close', resolve))
    let isDone = false
    const done = (connected: Connected) => {
      timeLimit.signal.removeEventListener('abort', onAbort)
      if (isDone) return
      isDone = true
      if (connected.kind === 'failed') {
        endSsh(master)
        connection.close()
      }
      resolve(connected)
    }
    const onAbort = () => done(failed(limitFault(timeLimit, hearing, access)))
    // ssh leaves for the background once it has logged in: then the process that we started ends well.
    master.once('exit', (code) => {
      if (code === 0) {
        const { acceptNew } = access.hostKeys
        const key = hearing.key()
        if (acceptNew && key && hearing.wroteKey()) acceptNew.heard(key)
        return done({ kind: 'connected', connection })
      }
      void settled(silent, access).then(() => {
        const { fault, again } = opensshFault(hearing, access)
        done(failed(fault, again))
      })
    })
    master.once('error', (error) => {
      done(
        failed({
          stage: 'connect',
          reason: `ssh could not be started: ${printable(error.message)}.`,
          remedy: startable,
        }),
      )
    })
    timeLimit.signal.addEventListener('abort', onAbort, { once: true })
    if (timeLimit.signal.aborted) onAbort()
    void connection.lost.then((reason) => {
      if (reason === tooMuch) done(failed(connectFault('broken', access, reason)))
    })
  })
  return { hearing, connected }
}

/** Waits until all that ssh has said is read. What it has started may hold its stderr for longer. */
async function settled(silent: Promise<unknown>, { via }: HostAccess): Promise<void> {
  await Promise.race([silent, delay(lastWordsMs)])
  if (via) await delay(bastionWordsMs)
}

function limitFault(timeLimit: TimeLimit, hearing: Hearing, access: HostAccess): SessionFault {
  return timeLimit.signal.reason === 'interrupted'
    ? interruptedFault('connect')
    : timeoutFault(hearing.step(), access, timeLimit.seconds)
}

function failed(fault: SessionFault, again = false): Connected {
  return { kind: 'failed', fault, again }
}
