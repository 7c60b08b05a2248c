import { PassThrough, type Readable } from 'node:stream'
import { maxPrintable, printable } from '../text/printable.ts'
import type { TextTail } from '../text/text-tail.ts'
import type { Connection, ProgramEnd, RemoteProgram } from './transport.ts'

/** A root `sh` on a host that reads its program from stdin. */
export interface RootShell {
  /** Writes to the shell's stdin; does nothing once the shell has ended. */
  write(text: string): void
  /** What the shell prints, as UTF-8 text, from its first own byte on. `ended` comes only after all of it is read. */
  readonly stdout: Readable
  /** The end of what it printed on stderr, fit to print; on a terminal, of what it printed at all. */
  stderrTail(): string
  readonly ended: Promise<ProgramEnd>
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

/** Makes a root shell of the program in which it has reported. */
export function createRootShell(
  program: RemoteProgram,
  { rest, stderr, quit }: Reported,
  { wanted }: Pick<Connection, 'wanted'>,
): RootShell {
  const { stdin, ended } = program
  const stdout = new PassThrough()
  stdout.setEncoding('utf8')
  stdout.write(rest)
  if (quit !== undefined) {
    stderr.clear()
    program.stdout.on('data', (chunk: Buffer) => stderr.push(chunk.toString()))
  }
  program.stdout.on('data', (chunk: Buffer) => wanted(chunk.length))
  program.stdout.pipe(stdout)
  // A reader that stops early must not hold back the end of the program.
  stdout.once('close', () => program.stdout.resume())

  return {
    write(text) {
      if (stdin.writable) stdin.write(text)
    },
    stdout,
    stderrTail: () => printable(stderr.text().trim().slice(-maxPrintable)),
    ended,
    end() {
      if (!stdin.writable) return
      if (quit === undefined) stdin.end()
      else stdin.write(`${quit}\n`)
    },
  }
}
