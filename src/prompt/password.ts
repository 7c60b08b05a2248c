import { createInterface, type Interface } from 'node:readline'
import { FwRunError } from '../errors.ts'
import { Secret } from '../secret.ts'
import { ask, canAsk } from './terminal.ts'

/** Asks for secrets: hidden on a terminal, otherwise one line of stdin for each question. */
export interface PasswordPrompt {
  ask(question: string): Promise<Secret>
  /** Lets go of stdin, which would otherwise keep the program alive. */
  close(): void
}

/** Opens the one place that secrets come from in a run. */
export function passwordPrompt(signal: AbortSignal): PasswordPrompt {
  let reader: Interface | undefined
  let lines: AsyncIterator<string> | undefined
  return {
    async ask(question) {
      if (canAsk())
        return new Secret(await ask<string>({ type: 'password', message: question }, signal))
      if (process.stdin.isTTY) throw nobodyToAsk(question)
      reader ??= createInterface({ input: process.stdin })
      lines ??= reader[Symbol.asyncIterator]()
      const next = await lines.next()
      if (next.done) throw nobodyToAsk(question)
      return new Secret(next.value)
    },
    close() {
      if (!reader) return
      reader.close()
      process.stdin.destroy()
    },
  }
}

function nobodyToAsk(question: string): FwRunError {
  return new FwRunError(
    'usage',
    `${question} cannot be asked: there is no terminal, and stdin gives no line.`,
    {
      remedy: 'Run on a terminal, or write the password to stdin, a line for each question.',
    },
  )
}
