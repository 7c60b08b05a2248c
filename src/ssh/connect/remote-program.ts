import type { ClientChannel } from 'ssh2'
import { printable } from '../../text/printable.ts'
import type { ProgramEnd, RemoteProgram } from '../transport.ts'

/** A channel of ssh2 as a program. */
export function remoteProgram(channel: ClientChannel, lost: Promise<string>): RemoteProgram {
  // For good: an error that nobody hears ends the process.
  channel.on('error', () => {})
  return {
    ...{ stdin: channel, stdout: channel, stderr: channel.stderr },
    ended: programEnd(channel, lost),
  }
}

function programEnd(channel: ClientChannel, lost: Promise<string>): Promise<ProgramEnd> {
  let exit: ProgramEnd | undefined
  channel.once('exit', (code: number | null, signal?: string) => {
    exit =
      code === null
        ? { kind: 'signalled', signal: printable(signal ?? '') }
        : { kind: 'exited', code }
  })
  return new Promise((resolve) => {
    // `exit` comes before the last bytes of output, `close` after them. With unread output only `lost` comes.
    channel.once('close', () => {
      if (exit) resolve(exit)
      else void lost.then((reason) => resolve({ kind: 'lost', reason }))
    })
    void lost.then((reason) => resolve(exit ?? { kind: 'lost', reason }))
  })
}
