import { randomBytes } from 'node:crypto'
import type { RootShell } from '../ssh/root-shell.ts'
import { answerReader, type Sections } from './answer.ts'
import { startingText } from './program.ts'

/**
 * How a request ended. `lost` means that the session is gone. If the request was `sent`, nobody knows whether the host
 * carried it out: it is never repeated, the host is read first.
 */
export type Reply =
  | { readonly kind: 'answered'; readonly sections: Sections }
  | {
      readonly kind: 'lost'
      readonly sent: boolean
      readonly reason: string
      /** The agent ended the session, because it had heard nothing from here. */
      readonly unheard?: boolean
    }

/** The agent at work on one host; it answers one request after the other. Words and body lines hold no tab or newline. */
export interface Agent {
  request(words: readonly string[], body?: readonly string[]): Promise<Reply>
  /** How many requests were sent so far, but for signs of life. */
  readonly requests: () => number
  /** Why the session is gone, if it is. */
  readonly lost: () => string | undefined
  end(): void
}

/**
 * Starts the agent in a root shell. The program leaves together with the first request, which saves a round trip;
 * that first one may have no body, because a shell that reads its program ahead would swallow it.
 * A request that is not answered within `patienceSeconds` ends the session. The agent ends by itself when it has heard
 * nothing for `idleSeconds`, so it is given signs of life for as long as the session lasts.
 */
export function startAgent(shell: RootShell, patienceSeconds: number, idleSeconds: number): Agent {
  const mark = `fw-run-${randomBytes(12).toString('hex')}`
  const reader = answerReader(mark)
  let waiting: ((reply: Reply) => void) | undefined
  let gone: string | undefined
  let unheard = false
  let begun = false
  let count = 0
  let last: Promise<Reply> | undefined

  const settle = (reply: Reply): void => {
    const resolve = waiting
    waiting = undefined
    resolve?.(reply)
  }
  const silence = (): { unheard?: boolean } => (unheard ? { unheard } : {})
  const lose = (reason: string): void => {
    gone ??= reason
    settle({ kind: 'lost', sent: true, reason: gone, ...silence() })
  }
  shell.stdout.on('data', (chunk: string) => {
    for (const sections of reader.push(chunk)) settle({ kind: 'answered', sections })
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
    const said = shell.stderrTail().trim()
    unheard = gone === undefined && said.includes(nothingHeard)
    if (unheard) lose(`the host ended the session: ${said.slice(said.lastIndexOf(nothingHeard))}`)
    else lose(`${describeEnd(end)}${said ? `; it said: ${said.slice(-300)}` : ''}`)
  })

  const send = (words: readonly string[], body: readonly string[]): Promise<Reply> => {
    if (gone) return Promise.resolve({ kind: 'lost', sent: false, reason: gone, ...silence() })
    const first = !begun
    begun = true
    if (words[0] !== 'alive') count++
    if (first && body.length > 0) throw new TypeError('the first request cannot have a body')
    const text = first
      ? startingText([mark, `${idleSeconds}`, ...words])
      : [words, ...body.map((line) => [line]), ['.']].map((line) => `${line.join('\t')}\n`).join('')
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        lose(`no answer to '${words[0]}' within ${patienceSeconds} s`)
        shell.end()
      }, patienceSeconds * 1000)
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

  return {
    requests: () => count,
    lost: () => gone,
    end: () => shell.end(),
    request,
  }
}

/** In the words of agent.sh. */
const nothingHeard = 'nothing was heard from fw-run'

function describeEnd(end: Awaited<RootShell['ended']>): string {
  switch (end.kind) {
    case 'exited':
      return `the root shell ended with exit code ${end.code}`
    case 'signalled':
      return `the root shell was killed by ${end.signal}`
    case 'lost':
      return `the connection was lost (${end.reason})`
  }
}
