import { createInterface } from 'node:readline'

/** A question that is answered by yes, or not at all. Times are in seconds. */
export interface Confirmable {
  /** What the question is about, on a line of its own. */
  readonly statement: string
  readonly question: (secondsLeft: number) => string
  readonly seconds: number
}

/** How it came out: only `y` and `yes` are a yes; else why there was none. */
export type Confirmation =
  | { readonly kind: 'yes' }
  | { readonly kind: 'no'; readonly reason: string }

/** The two ends of a terminal. */
export interface TerminalEnds {
  readonly input: NodeJS.ReadableStream
  readonly output: NodeJS.WritableStream
}

/** Milliseconds in which what was typed before the question was there is thrown away. */
const STALE_MS = 100

/**
 * Asks on the terminal, counting down; an answer that is neither a yes nor a no is asked for again. An empty one, none in
 * time, Ctrl-C and a terminal that goes away are all a no; so is the signal, which closes the question at once. Never
 * rejects. Not by inquirer, whose questions stay
 * open when their terminal is gone.
 */
export function confirm(
  { statement, question, seconds }: Confirmable,
  signal: AbortSignal,
  { input, output }: TerminalEnds = { input: process.stdin, output: process.stderr },
): Promise<Confirmation> {
  // For good: an error that nobody hears ends the process, and that is how a terminal tells that it is gone.
  input.on('error', () => {})
  output.write(`${statement}\n`)
  const lines = createInterface({ input, output, terminal: true })
  const deadline = Date.now() + seconds * 1000

  return new Promise((resolve) => {
    const settle = (result: Confirmation, end: string): void => {
      clearTimeout(opening)
      clearTimeout(closing)
      clearInterval(counting)
      signal.removeEventListener('abort', interrupted)
      lines.removeAllListeners()
      lines.on('error', () => {})
      lines.close()
      output.write(end)
      resolve(result)
    }
    const no = (reason: string) => (): void => settle({ kind: 'no', reason }, '\n')
    const interrupted = no('the run was interrupted')
    const ask = (preserveCursor: boolean): void => {
      lines.setPrompt(question(Math.max(0, Math.ceil((deadline - Date.now()) / 1000))))
      lines.prompt(preserveCursor)
    }
    const hear = (line: string): void => {
      const meaning = meaningOf(line)
      if (meaning) {
        settle(meaning, '')
        return
      }
      output.write('Please answer y or n.\n')
      ask(false)
    }
    const open = (): void => {
      lines.write(null, { ctrl: true, name: 'u' })
      lines.on('line', hear)
      ask(false)
    }
    const opening = setTimeout(open, STALE_MS)
    const closing = setTimeout(no(`nobody said yes within ${seconds} s`), seconds * 1000)
    const counting = setInterval(() => ask(true), 1000)
    lines.once('SIGINT', no('Ctrl-C was pressed'))
    lines.once('close', no('the terminal was closed'))
    lines.once('error', no('the terminal was closed'))
    signal.addEventListener('abort', interrupted, { once: true })
    if (signal.aborted) interrupted()
  })
}

function meaningOf(line: string): Confirmation | undefined {
  if (/^\s*y(es)?\s*$/i.test(line)) return { kind: 'yes' }
  if (/^\s*(no?)?\s*$/i.test(line)) return { kind: 'no', reason: 'the answer was no' }
  return undefined
}
