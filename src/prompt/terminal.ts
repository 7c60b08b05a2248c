import { openSync } from 'node:fs'
import { WriteStream } from 'node:tty'
import { FwRunError } from '../errors.ts'

/** Whether a person can be asked: stdin and stderr are both a terminal. Questions go to stderr. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true
}

/** The terminal of this process itself, also where stderr is a pipe, as with `2>&1 | tee log`; undefined if there is none. */
export function ownTerminal(): NodeJS.WritableStream | undefined {
  try {
    // An error that nobody hears would end the process.
    return new WriteStream(openSync('/dev/tty', 'w')).on('error', () => {})
  } catch {
    return undefined
  }
}

/**
 * Asks one question with inquirer and resolves with the answer. inquirer is loaded only now: it takes 60 ms, and most
 * runs ask nothing. Ctrl-C at a question interrupts the run.
 */
export async function ask<T>(
  question: Question,
  signal: AbortSignal,
  output: NodeJS.WritableStream = process.stderr,
): Promise<T> {
  const { default: inquirer } = await import('inquirer')
  const module = inquirer.createPromptModule({ output, signal })
  try {
    const { value } = await module<{ value: unknown }>([{ ...question, name: 'value' }])
    return value as T
  } catch (cause) {
    const name = cause instanceof Error ? cause.name : ''
    if (name !== 'ExitPromptError' && name !== 'AbortPromptError') throw cause
    throw new FwRunError('interrupted', 'Interrupted at a question. Nothing was changed.', {
      cause,
    })
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
