import { createInterface } from 'node:readline'

/** A question to which only a yes counts. Times are in seconds. */
export interface Confirmable {
  /** What the question is about, on a line of its own. */
  readonly statement: string
  readonly question: (secondsLeft: number) => string
  readonly seconds: number
}

/** The answer: `y` or `yes`, or why there was no yes. */
export type Confirmation =
  | { readonly kind: 'yes' }
  | { readonly kind: 'no'; readonly reason: string }

/** The two ends of a terminal. */
export interface TerminalEnds {
  readonly input: NodeJS.ReadableStream
  readonly output: NodeJS.WritableStream
}

/** What was typed before the question comes within this time, and is thrown away. */
const typedAheadMs = 100

/**
 * Asks on the terminal and counts down. After an answer that is neither yes nor no, it asks again. An empty answer, no
 * answer in time, Ctrl-C, a closed terminal and the signal all count as no. Never rejects. Without inquirer, because its
 * questions stay open when their terminal is gone.
 */
export function confirm(
  { statement, question, seconds }: Confirmable,
  signal: AbortSignal,
  { input, output }: TerminalEnds = { input: process.stdin, output: process.stderr },
): Promise<Confirmation> {
  // For good: an error that nobody hears ends the process, and a terminal that is gone reports one.
  input.on('error', () => {})
  output.write(`${statement}\n`)
  const lines = createInterface({ input, output, terminal: true })
  const deadline = Date.now() + seconds * 1000

  return new Promise((resolve) => {
    const done = (result: Confirmation, end: string): void => {
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
    const no = (reason: string) => (): void => done({ kind: 'no', reason }, '\n')
    const interrupted = no('the run was interrupted')
    const ask = (preserveCursor: boolean): void => {
      lines.setPrompt(question(Math.max(0, Math.ceil((deadline - Date.now()) / 1000))))
      lines.prompt(preserveCursor)
    }
    const take = (line: string): void => {
      const meaning = meaningOf(line)
      if (meaning) {
        done(meaning, '')
        return
      }
      output.write('Please answer y or n.\n')
      ask(false)
    }
    const open = (): void => {
      lines.write(null, { ctrl: true, name: 'u' })
      lines.on('line', take)
      ask(false)
    }
    const opening = setTimeout(open, typedAheadMs)
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
