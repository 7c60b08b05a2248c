import { FwRunError } from '../errors.ts'

/** Whether a person can be asked: both ends of the conversation are a terminal. Questions go to stderr. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true
}

/** Where inquirer reads and writes, and what takes a question back. */
export function context(signal: AbortSignal): { output: NodeJS.WriteStream; signal: AbortSignal } {
  return { output: process.stderr, signal }
}

/** Runs a question; Ctrl-C at a question is an interruption, not a fault. */
export async function asked<T>(question: Promise<T>): Promise<T> {
  try {
    return await question
  } catch (cause) {
    const name = cause instanceof Error ? cause.name : ''
    if (name !== 'ExitPromptError' && name !== 'AbortPromptError') throw cause
    throw new FwRunError('interrupted', 'Interrupted at a question. Nothing was changed.', {
      cause,
    })
  }
}
