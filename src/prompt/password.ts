import { createInterface, type Interface } from 'node:readline'
import { FwRunError } from '../errors.ts'
import { Secret } from '../secret.ts'
import { ask, canAsk, ownTerminal, type Terminal } from './terminal.ts'

/** Asks for secrets: hidden on a terminal; without one, each answer is a line of stdin. */
export interface PasswordPrompt {
  ask(question: string): Promise<Secret>
  /** Releases stdin, which would keep the program alive. */
  close(): void
}

/**
 * Opens the one place from which a run gets its secrets. As ssh and sudo, it asks at the terminal also where stderr is a pipe, or where
 * the inventory came by stdin.
 */
export function passwordPrompt(signal: AbortSignal, openTerminal = ownTerminal): PasswordPrompt {
  let reader: Interface | undefined
  let lines: AsyncIterator<string> | undefined
  let terminal: Terminal | undefined
  return {
    async ask(question) {
      const isUsedUp = process.stdin.readableEnded || process.stdin.destroyed
      if (process.stdin.isTTY || (isUsedUp && !reader)) {
        if (!canAsk()) terminal ??= openTerminal()
        const ends = canAsk() ? undefined : terminal
        if (!canAsk() && !ends) throw nobodyToAsk(question)
        // Ctrl+T would show it.
        const hidden = { type: 'password', message: question, toggleMask: false } as const
        return new Secret(await ask<string>(hidden, signal, ends))
      }
      reader ??= createInterface({ input: process.stdin, signal })
      lines ??= reader[Symbol.asyncIterator]()
      const next = await lines.next()
      if (signal.aborted) {
        throw new FwRunError('interrupted', 'Interrupted at a question. Nothing was changed.')
      }
      if (next.done) throw nobodyToAsk(question)
      return new Secret(next.value)
    },
    close() {
      terminal?.close()
      // Who asks again after that, as between the looks of a watch, gets another.
      terminal = undefined
      if (!reader) return
      reader.close()
      process.stdin.destroy()
    },
  }
}

/** The same, but asks each question once, however often it is needed. */
export function rememberingPrompt(prompt: PasswordPrompt): PasswordPrompt {
  const answers = new Map<string, Promise<Secret>>()
  return {
    ask(question) {
      const answer = answers.get(question) ?? prompt.ask(question)
      answers.set(question, answer)
      return answer
    },
    close: prompt.close,
  }
}

function nobodyToAsk(question: string): FwRunError {
  return new FwRunError(
    'usage',
    `fw-run cannot ask "${question}": there is no terminal, and stdin has no line for it.`,
    {
      remedy:
        'Run fw-run on a terminal. Or write each answer on its own line of stdin. Then the inventory cannot come from stdin, too: give a file with -i.',
    },
  )
}
