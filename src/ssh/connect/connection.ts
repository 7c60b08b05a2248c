import ssh2, { type Client } from 'ssh2'
import { printable } from '../../text/printable.ts'
import type { TimeLimit } from '../../waiting/time-limit.ts'
import { transportAlgorithms } from '../algorithms.ts'
import type { HostAccess } from '../host-access.ts'
import { hostKeyVerifier } from '../host-keys/host-key-verifier.ts'
import { loginAttempts } from '../login/login-attempts.ts'
import type { Connected, Connection } from '../transport.ts'
import { failedBy, failedByExpiry, failedByLimit, followAttempt } from './connect-attempt.ts'
import { forwardWire } from './forwarded-wire.ts'
import { remoteProgram } from './remote-program.ts'
import { limitTraffic } from './traffic-limit.ts'
import { dial, type Wire } from './wire.ts'

const maxUnansweredKeepalives = 3
const closeGraceMs = 1000

/**
 * Dials, verifies the host key and logs in, once. After that the connection is lost when the host does not answer for
 * `keepaliveSeconds`.
 */
export function connect(
  access: HostAccess,
  timeLimit: TimeLimit,
  keepaliveSeconds: number,
): Promise<Connected> {
  const hostKey = hostKeyVerifier(access)
  const login = loginAttempts(access)
  const client = new ssh2.Client()
  const socket = dial(access)
  const attempt = followAttempt(client, socket, { access, hostKey, login: login.record })
  const connection = connectionOf(client, socket)

  return new Promise((resolve) => {
    const done = (connected: Connected) => {
      timeLimit.signal.removeEventListener('abort', onAbort)
      client.off('error', onError)
      if (connected.kind === 'failed') socket.destroy()
      resolve(connected)
    }
    const onAbort = () => done(failedByLimit(timeLimit, attempt))
    const onError = (error: Error) => {
      if (!isSkippedKey(error)) done(failedBy(error, attempt))
    }

    client.on('error', onError)
    client.once('handshake', () => askForNoProofs(client))
    client.once('change password', () => done(failedByExpiry(attempt)))
    client.once('ready', () => done({ kind: 'connected', connection }))
    void connection.lost.then((reason) => done(failedBy(new Error(reason), attempt)))
    timeLimit.signal.addEventListener('abort', onAbort, { once: true })
    if (timeLimit.signal.aborted) return onAbort()

    client.connect({
      sock: socket,
      username: access.user,
      readyTimeout: 0,
      // ssh2 gives up when it would send one more than may stay unanswered.
      keepaliveInterval: (keepaliveSeconds * 1000) / (maxUnansweredKeepalives + 1),
      keepaliveCountMax: maxUnansweredKeepalives,
      // Compressed, a few bytes of a host could become gigabytes here.
      algorithms: {
        ...transportAlgorithms(access.algorithms),
        serverHostKey: hostKey.algorithms,
        compress: ['none'],
      },
      // In a block, because ssh2 takes whatever is returned, a promise too, for a yes.
      hostVerifier: (key: Buffer, answer: (isAccepted: boolean) => void) => {
        hostKey.verify(key, answer)
      },
      authHandler: login.next,
    })
  })
}

function connectionOf(client: Client, socket: Wire): Connection {
  let reason = 'the host closed the connection'
  // For good: ssh2 may report more than one error, and an error that nobody hears ends the process.
  client.on('error', (error) => {
    if (error.level === 'client-timeout') reason = 'the host no longer answers'
    else if (!isSkippedKey(error)) reason = printable(error.message)
  })
  const lost = new Promise<string>((resolve) => client.once('close', () => resolve(reason)))
  const wanted = limitTraffic(socket)
  return {
    // ssh2 throws, too, when the connection has just gone. The end of a program may come right after its beginning.
    run: (command, onTerminal) =>
      new Promise((resolve, reject) => {
        client.exec(command, onTerminal ? { pty: { term: 'dumb' } } : {}, (error, channel) =>
          error ? reject(error) : resolve(remoteProgram(channel, lost)),
        )
      }),
    lost,
    wanted,
    close() {
      reason = 'fw-run closed it'
      client.end()
      setTimeout(() => socket.destroy(), closeGraceMs).unref()
    },
    onward: {
      kind: 'ssh2',
      dial: (address, port, lostWords) =>
        forwardWire({ client, lost, wanted }, address, port, lostWords),
    },
  }
}

/**
 * Of its own accord ssh2 asks an OpenSSH host to prove all its host keys, with a signature for each. Nobody here reads the answer,
 * and it is much work for both. It asks no host whose version it does not know.
 */
function askForNoProofs(client: Client): void {
  Object.assign(client, { _remoteVer: '' })
}

// Neither ends the login: ssh2 goes on with the next key by itself.
function isSkippedKey(error: Error & { level?: string }): boolean {
  return error.level === 'agent' || /^Error (?:while )?signing/.test(error.message)
}
