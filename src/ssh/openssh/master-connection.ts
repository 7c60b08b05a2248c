import type { ChildProcess } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { maxUnwantedBytes } from '../../limits.ts'
import type { HostAccess } from '../host-access.ts'
import type { Connection } from '../transport.ts'
import { clientProgram } from './client-program.ts'
import type { Hearing } from './hearing.ts'
import { clientWords, proxyCommandThrough } from './ssh-words.ts'
import { startSsh } from './start-ssh.ts'

/** Why a connection ends whose host sends much that nobody wants. */
export const tooMuch = 'the host sent too much data that fw-run did not ask for'

// The end of a bastion may show here a moment later than the end of what it carried.
const bastionEndMs = 500

/**
 * The connection of an ssh that is the master of a control socket, or will be. Its stderr lasts as long as it does, also in the
 * background: the end of that is the end of the connection.
 */
export function masterConnection(
  master: ChildProcess,
  hearing: Hearing,
  socket: string,
  { via }: HostAccess,
): Connection {
  const bastionLost = via?.connection()?.lost
  const clients = new Set<ChildProcess>()
  let unwanted = 0
  let isClosed = false
  let lose: (reason: string) => void = () => {}
  const lost = new Promise<string>((resolve) => {
    lose = resolve
  })

  const close = (): void => {
    if (isClosed) return
    isClosed = true
    lose('fw-run closed it')
    endMaster(socket)
    for (const client of clients) client.kill('SIGTERM')
    // A stopped process must not keep this one alive.
    for (const process of [master, ...clients]) letGo(process)
  }
  const wanted = (bytes: number): void => {
    unwanted -= bytes
  }
  const count = (chunk: Buffer): void => {
    unwanted += chunk.length
    if (unwanted <= maxUnwantedBytes) return
    lose(tooMuch)
    close()
  }
  master.stderr?.on('data', (chunk: Buffer) => {
    hearing.push(chunk)
    count(chunk)
  })
  master.stderr?.once('close', () => {
    void reasonOf(hearing, bastionLost, via?.name).then(lose)
  })
  return {
    run: (command, onTerminal) =>
      new Promise((resolve, reject) => {
        if (isClosed) return reject(new Error('the connection is closed'))
        const terminal = onTerminal ? ['-tt'] : ['-T']
        const words = [...clientWords(socket), ...terminal, '--', 'fw-run', command]
        hearing.forgetProgram()
        const client = startSsh(words, 'pipe', { TERM: 'dumb' })
        clients.add(client)
        client.once('close', () => clients.delete(client))
        client.once('error', reject)
        client.once('spawn', () => {
          resolve(clientProgram(client, hearing, lost))
          client.stdout?.on('data', count)
          client.stderr?.on('data', count)
        })
      }),
    lost,
    wanted,
    close,
    onward: {
      kind: 'openssh',
      proxyCommand: (address, port) => proxyCommandThrough(socket, address, port),
      refusal: hearing.refusal,
    },
  }
}

function endMaster(socket: string): void {
  letGo(startSsh([...clientWords(socket), '-O', 'exit', '--', 'fw-run'], 'ignore'))
}

function letGo(process: ChildProcess): void {
  process.on('error', () => {})
  process.unref()
  for (const stream of process.stdio) stream?.destroy()
}

async function reasonOf(
  hearing: Hearing,
  bastionLost: Promise<string> | undefined,
  bastion: string | undefined,
): Promise<string> {
  const why = await Promise.race([bastionLost, delay(bastionLost ? bastionEndMs : 0, undefined)])
  if (why !== undefined) return `the connection to the ${bastion} has ended: ${why}`
  const said = hearing.said().slice(-5).join('\n')
  if (/Timeout, server .* not responding/.test(said)) return 'the host no longer answers'
  if (/closed by remote host|Connection closed|reset by peer|Broken pipe/i.test(said)) {
    return 'the host closed the connection'
  }
  return 'its ssh process ended'
}
