import { randomBytes } from 'node:crypto'
import type { RootShell } from '../../ssh/root-shell.ts'
import type { ProgramEnd } from '../../ssh/transport.ts'
import type { GuardChoice, Lost } from '../agent.ts'
import { startingText } from '../program/starting-text.ts'
import type { Sections } from '../sections.ts'
import { answerReader } from './answer-reader.ts'

/** How a request ended: with an answer, or the session is gone. */
export type Reply = { readonly kind: 'answered'; readonly sections: Sections } | Lost

/** Requests as words and body lines, neither with a tab or newline, over one session; one after the other. */
export interface Channel {
  request(words: readonly string[], body?: readonly string[]): Promise<Reply>
  /** How many requests were sent so far; signs of life do not count. */
  requests(): number
  /** Why the session is gone, if it is. */
  lost(): string | undefined
  /** Ends the session. With a reason, a request that waits for its answer is lost for it at once. */
  end(reason?: string): void
}

/**
 * Starts the agent's program in a root shell. It leaves together with the first request, which saves a round trip. That
 * request may have no body, because a shell that reads its program ahead would swallow it. A request without an answer
 * within `requestSeconds` ends the session. The agent ends by itself when it has heard nothing for `idleSeconds`. So
 * the channel sends signs of life as long as the session lasts.
 */
export function openChannel(
  shell: RootShell,
  requestSeconds: number,
  idleSeconds: number,
  guard: GuardChoice,
  changes = true,
): Channel {
  const mark = `fw-run-${randomBytes(12).toString('hex')}`
  const reader = answerReader(mark)
  let waiting: ((reply: Reply) => void) | undefined
  let gone: Omit<Lost, 'sent'> | undefined
  let begun = false
  let count = 0
  let last: Promise<Reply> | undefined

  const answer = (reply: Reply): void => {
    const resolve = waiting
    waiting = undefined
    resolve?.(reply)
  }
  const lose = (reason: string, unheard = false): void => {
    gone ??= { kind: 'lost', reason, unheard }
    answer({ ...gone, sent: true })
  }
  shell.stdout.on('data', (chunk: string) => {
    if (gone) return
    const sections = reader.push(chunk, waiting !== undefined)
    if (!sections) return
    if ('unread' in sections) {
      lose(sections.unread)
      shell.end()
      return
    }
    answer({ kind: 'answered', sections })
  })
  const life = setInterval(
    () => {
      if (begun && !last) void request(['alive'])
    },
    (idleSeconds * 1000) / 4,
  )
  life.unref()
  void shell.ended.then((end) => {
    clearInterval(life)
    // On a terminal, answers come before what it said.
    const said = (shell.stderrTail().split(`${mark} done`).at(-1) ?? '').trim()
    if (said.includes(`${mark} unheard`)) {
      lose(`the host ended the session: it heard nothing from fw-run for ${idleSeconds} s`, true)
      return
    }
    const unstarted = said.includes(`${mark} unstarted`)
    const rest = said.replaceAll(`${mark} unstarted`, '').trim()
    const reason = unstarted ? cannotStart : describeEnd(end)
    lose(`${reason}${rest ? `; it said: ${rest.slice(-300)}` : ''}`)
  })

  const send = (words: readonly string[], body: readonly string[]): Promise<Reply> => {
    if (gone) return Promise.resolve({ ...gone, sent: false })
    const first = !begun
    begun = true
    if (words[0] !== 'alive') count++
    if (first && body.length > 0) throw new TypeError('the first request cannot have a body')
    const text = first
      ? startingText([mark, `${idleSeconds}`, guard, ...words], changes)
      : [words, ...body.map((line) => [line]), ['.']].map((line) => `${line.join('\t')}\n`).join('')
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        lose(`no answer to '${words[0]}' within ${requestSeconds} s`)
        shell.end()
      }, requestSeconds * 1000)
      waiting = (reply) => {
        clearTimeout(timer)
        resolve(reply)
      }
      shell.write(text)
    })
  }

  const request = (words: readonly string[], body: readonly string[] = []): Promise<Reply> => {
    const reply = last ? last.then(() => send(words, body)) : send(words, body)
    last = reply
    void reply.then(() => {
      if (last === reply) last = undefined
    })
    return reply
  }

  const end = (reason?: string): void => {
    if (reason !== undefined) lose(reason)
    shell.end()
  }
  return { request, requests: () => count, lost: () => gone?.reason, end }
}

/** A shell on a host ends when it cannot start a process. */
const cannotStart =
  'the host could not start another process: it has reached a limit of processes (pids), or it has too little memory'

function describeEnd(end: ProgramEnd): string {
  switch (end.kind) {
    case 'exited':
      return `the root shell ended with exit code ${end.code}`
    case 'signalled':
      return `the root shell was killed by ${end.signal}`
    case 'lost':
      return `the connection was lost (${end.reason})`
  }
}
