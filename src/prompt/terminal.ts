import { openSync } from 'node:fs'
import { ReadStream, WriteStream } from 'node:tty'
import { FwRunError } from '../errors.ts'

/** Whether a person can be asked: stdin and stderr are both a terminal. Questions go to stderr. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true
}

/** The two ends of a terminal. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream
  readonly output: NodeJS.WritableStream
  close(): void
}

/**
 * The terminal of this process itself, also where stderr is a pipe, as with `2>&1 | tee log`, or stdin had the inventory; undefined if
 * there is none.
 */
export function ownTerminal(): Terminal | undefined {
  try {
    // An error that nobody hears would end the process.
    const output = new WriteStream(openSync('/dev/tty', 'w')).on('error', () => {})
    const input = new ReadStream(openSync('/dev/tty', 'r')).on('error', () => {})
    return {
      input,
      output,
      close() {
        input.destroy()
        output.end()
      },
    }
  } catch {
    return undefined
  }
}

/**
 * Asks one question with inquirer and resolves with the answer. inquirer is loaded only now: it takes 60 ms, and most
 * runs ask nothing. Ctrl-C or Ctrl-D at a question interrupts the run.
 */
export async function ask<T>(
  question: Question,
  signal: AbortSignal,
  { input, output }: Pick<Terminal, 'input' | 'output'> = {
    input: process.stdin,
    output: process.stderr,
  },
): Promise<T> {
  const { default: inquirer } = await import('inquirer')
  // Ctrl-D, or a terminal that is gone: inquirer would wait on.
  const ended = new AbortController()
  const end = (_: unknown, key?: { readonly ctrl?: boolean; readonly name?: string }): void => {
    if (!key || (key.ctrl && key.name === 'd')) ended.abort()
  }
  for (const event of ['keypress', 'end']) input.on(event, end)
  const module = inquirer.createPromptModule({
    ...{ input, output },
    signal: AbortSignal.any([signal, ended.signal]),
  })
  try {
    const { value } = await module<{ value: unknown }>([{ ...question, name: 'value' }])
    return value as T
  } catch (cause) {
    const name = cause instanceof Error ? cause.name : ''
    if (name !== 'ExitPromptError' && name !== 'AbortPromptError') throw cause
    throw new FwRunError('interrupted', 'Interrupted at a question. Nothing was changed.', {
      cause,
    })
  } finally {
    for (const event of ['keypress', 'end']) input.removeListener(event, end)
  }
}

/** The questions that this project asks. */
export type Question =
  | { readonly type: 'password'; readonly message: string; readonly toggleMask: false }
  | {
      readonly type: 'input'
      readonly message: string
      readonly validate: (typed: string) => string | true
    }
  | { readonly type: 'confirm'; readonly message: string; readonly default: boolean }
  | {
      readonly type: 'select'
      readonly message: string
      readonly choices: readonly { readonly name: string; readonly value: string }[]
    }
