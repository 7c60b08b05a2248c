import { PassThrough, type Readable } from 'node:stream'
import type { ClientChannel } from 'ssh2'
import { maxPrintable, printable } from '../text/printable.ts'
import type { TextTail } from '../text/text-tail.ts'
import type { Connection } from './connect/connection.ts'

/** How a root shell ended. `lost` means that the connection went away: what the shell did last is unknown. */
export type ShellEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signalled'; readonly signal: string }
  | { readonly kind: 'lost'; readonly reason: string }

/** A root `sh` on a host that reads its program from stdin. */
export interface RootShell {
  /** Writes to the shell's stdin; does nothing once the shell has ended. */
  write(text: string): void
  /** What the shell prints, as UTF-8 text, from its first own byte on. `ended` comes only after all of it is read. */
  readonly stdout: Readable
  /** The end of what it printed on stderr, fit to print; on a terminal, of what it printed at all. */
  stderrTail(): string
  readonly ended: Promise<ShellEnd>
  /** Closes stdin. */
  end(): void
}

/** A root shell that has just reported. */
interface Reported {
  /** What followed the report. */
  readonly rest: Buffer
  readonly stderr: TextTail
  /** On a terminal, the line that ends it. Its stderr is then part of its stdout. */
  readonly quit: string | undefined
}

/** Makes a root shell of the channel on which it has reported. */
export function createRootShell(
  channel: ClientChannel,
  { rest, stderr, quit }: Reported,
  { lost, wanted }: Pick<Connection, 'lost' | 'wanted'>,
): RootShell {
  const stdout = new PassThrough()
  stdout.setEncoding('utf8')
  stdout.write(rest)
  if (quit !== undefined) {
    stderr.clear()
    channel.on('data', (chunk: Buffer) => stderr.push(chunk.toString()))
  }
  channel.on('data', (chunk: Buffer) => wanted(chunk.length))
  channel.pipe(stdout)
  // A reader that stops early must not hold back the end of the channel.
  stdout.once('close', () => channel.resume())

  return {
    write(text) {
      if (channel.writable) channel.write(text)
    },
    stdout,
    stderrTail: () => printable(stderr.text().trim().slice(-maxPrintable)),
    ended: shellEnd(channel, lost),
    end() {
      if (!channel.writable) return
      if (quit === undefined) channel.end()
      else channel.write(`${quit}\n`)
    },
  }
}

function shellEnd(channel: ClientChannel, lost: Promise<string>): Promise<ShellEnd> {
  let exit: ShellEnd | undefined
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
