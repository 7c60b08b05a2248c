import type { Socket } from 'node:net'
import ssh2, { type AuthContext, type Connection, type ServerChannel } from 'ssh2'
import { type KnownHosts, parseKnownHosts } from '../../src/ssh/known-hosts.ts'
import { startServer } from '../probes/server.ts'

/** What such a server does; unless said, it accepts each login and each command without a word. */
export interface Ssh2ServerSettings {
  readonly algorithms?: ssh2.Algorithms
  readonly onConnection?: (connection: Connection, socket: Socket) => void
  readonly onLogin?: (context: AuthContext) => void
  /** Instead of accepting a session and its command. */
  readonly onSession?: () => void
  readonly onExec?: (channel: ServerChannel, command: string, connection: Connection) => void
}

/** An SSH server in this process, for what no sshd would do. */
export interface Ssh2Server {
  readonly port: number
  readonly knownHosts: KnownHosts
  readonly connections: () => number
  readonly close: () => Promise<void>
}

/** So that it never asks of its own whether we are there. */
const maxTimerMs = 2 ** 31 - 1

/** A key that ssh2 can read: one of some hundred that it makes is malformed. */
function makeHostKey(): { readonly private: string; readonly public: string } {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519')
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair
  }
}

/** Starts one on 127.0.0.1 with an ed25519 host key. */
export async function startSsh2Server(settings: Ssh2ServerSettings): Promise<Ssh2Server> {
  const { private: hostKey, public: line } = makeHostKey()
  const { algorithms, onConnection, onLogin, onSession, onExec } = settings
  const server = new ssh2.Server({
    hostKeys: [hostKey],
    keepaliveInterval: maxTimerMs,
    ...(algorithms && { algorithms }),
  })
  const sockets = await startServer((socket) => {
    socket.setNoDelay(true)
    server.once('connection', (connection: Connection) => {
      connection.on('error', () => {})
      connection.on('authentication', (context) => (onLogin ? onLogin(context) : context.accept()))
      connection.on('session', (accept) => {
        if (onSession) return onSession()
        accept().on('exec', (acceptExec, _, { command }) => {
          const channel = acceptExec()
          channel.on('error', () => {})
          onExec?.(channel, command, connection)
        })
      })
      onConnection?.(connection, socket)
    })
    server.injectSocket(socket)
  })
  const knownHosts = parseKnownHosts(`[127.0.0.1]:${sockets.port} ${line}`, 'known_hosts')
  return { ...sockets, knownHosts }
}
