import { constants } from 'node:fs'
import { access, writeFile } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { FwRunError } from '../../errors.ts'
import type { Secret } from '../../secret.ts'
import { askpassProgram } from '../ask-runner.ts'

/** One ssh that may ask us: what its environment needs, and what it asked that we did not answer. */
export interface Asking {
  readonly env: Readonly<Record<string, string>>
  /** From here on nothing is answered. */
  stop(): void
}

type Answer = (question: string) => Secret | undefined

const maxQuestion = 8192

/**
 * Answers the questions of ssh: ssh starts a program (SSH_ASKPASS), which asks us over a socket that only this user can
 * reach. A secret goes from our memory into that socket and into a pipe to ssh, never into a file, an argument or a variable.
 */
export function openAsking(directory: string): {
  ask(answer: Answer): Promise<Asking>
  close(): void
} {
  const answers = new Map<string, Answer>()
  const path = join(directory, 'ask')
  let ready: Promise<void> | undefined
  let count = 0
  return {
    async ask(answer) {
      ready ??= listen(directory, path, (id, question) => answers.get(id)?.(question))
      await ready
      const id = String(++count)
      answers.set(id, answer)
      return {
        env: {
          SSH_ASKPASS: join(directory, 'askpass'),
          SSH_ASKPASS_REQUIRE: 'force',
          // Before OpenSSH 8.4, ssh asks by a program only if there seems to be a display, and no terminal.
          DISPLAY: process.env.DISPLAY ?? 'none:0',
          FW_RUN_ASKING: id,
        },
        stop: () => answers.delete(id),
      }
    },
    close: () => answers.clear(),
  }
}

async function listen(
  directory: string,
  path: string,
  answer: (id: string, question: string) => Secret | undefined,
): Promise<void> {
  const askpass = join(directory, 'askpass')
  await writeFile(askpass, askpassProgram(path), { mode: 0o700 })
  await access(askpass, constants.X_OK).catch((cause: unknown) => {
    throw new FwRunError(
      'credentials',
      `ssh needs a small program to get passwords, but no program can run in ${directory} (noexec).`,
      {
        remedy: 'Set TMPDIR to a directory on a file system without noexec.',
        cause,
      },
    )
  })
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    void questionFrom(socket).then(async (asked) => {
      // What ssh has said before it asked is read first.
      await nextTurn()
      const secret = asked && answer(...asked)
      socket.end(secret ? `${secret.reveal()}\n` : '')
    })
  })
  server.unref()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(path, resolve)
  })
}

function questionFrom(socket: Socket): Promise<readonly [string, string] | undefined> {
  let text = ''
  socket.unref()
  return new Promise((resolve) => {
    socket.on('error', () => resolve(undefined))
    socket.on('data', (chunk) => {
      text += chunk.toString()
      if (text.length > maxQuestion) socket.destroy()
    })
    socket.on('close', () => resolve(undefined))
    socket.on('end', () => {
      try {
        const [id, question]: unknown[] = JSON.parse(text)
        resolve(typeof id === 'string' && typeof question === 'string' ? [id, question] : undefined)
      } catch {
        resolve(undefined)
      }
    })
  })
}
