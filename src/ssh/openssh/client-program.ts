import type { ChildProcess } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { createTextTail } from '../../text/text-tail.ts'
import type { ProgramEnd, RemoteProgram } from '../transport.ts'
import type { Hearing } from './hearing.ts'

// The master may tell of the end of a program, or end itself, a moment later than the ssh that had asked for the program.
const endWordsMs = 1000

/** A program that an ssh started on a host over the connection of a master, whose `hearing` tells how it ended. */
export function clientProgram(
  client: ChildProcess,
  hearing: Hearing,
  lost: Promise<string>,
): RemoteProgram {
  const { stdin, stdout, stderr } = client
  if (!stdin || !stdout || !stderr) throw new TypeError('the streams of ssh are not piped')
  const tail = createTextTail()
  stderr.on('data', (chunk: Buffer) => tail.push(chunk.toString()))
  return {
    ...{ stdin, stdout, stderr },
    ended: new Promise((resolve) => {
      let code: number | null | undefined
      client.once('exit', (status) => {
        code = status
      })
      client.once('close', (status, signal) => {
        void endOf(status, signal, hearing, lost, () => tail.lastLine()).then(resolve)
      })
      void lost.then((reason) => {
        const isKnown = typeof code === 'number' && code !== sshItself
        resolve(isKnown ? { kind: 'exited', code: code ?? 0 } : { kind: 'lost', reason })
      })
    }),
  }
}

/** What ssh exits with if it fails itself; a program may do so, too. */
const sshItself = 255

async function endOf(
  code: number | null,
  signal: NodeJS.Signals | null,
  hearing: Hearing,
  lost: Promise<string>,
  lastLine: () => string,
): Promise<ProgramEnd> {
  if (code === null) return { kind: 'lost', reason: `its ssh process was ended by ${signal}` }
  if (code !== sshItself) return { kind: 'exited', code }
  const gone = lost.then((reason): ProgramEnd => ({ kind: 'lost', reason }))
  const told = (): ProgramEnd | undefined => {
    switch (hearing.programEnd()) {
      case 'exited':
        return { kind: 'exited', code }
      case 'signalled':
        return { kind: 'signalled', signal: 'a signal' }
      case undefined:
        return undefined
    }
  }
  const end = told() ?? (await Promise.race([gone, delay(endWordsMs, undefined)])) ?? told()
  return end ?? { kind: 'lost', reason: lastLine() || 'its ssh process ended' }
}
