import { connect } from 'node:net'
import { fieldAt } from '../keys/field.ts'

/** A public key as an ssh-agent lists it: its blob, and the words that the owner gave it. */
export interface ListedKey {
  readonly blob: Buffer
  readonly comment: string
}

/**
 * Asks the ssh-agent at a socket for its public keys (draft-miller-ssh-agent, 4.4). Of an answer that is cut, those before the cut;
 * none if the agent is dead or does not answer in time. ssh2 can ask, too, but it leaves out each key that it cannot read.
 */
export async function listedKeys(socket: string): Promise<readonly ListedKey[]> {
  const answer = await identitiesAnswer(socket)
  const listed: ListedKey[] = []
  if (answer[0] !== identitiesAnswered) return listed
  try {
    for (let at = 5; at < answer.length; ) {
      const blob = fieldAt(answer, at)
      const comment = fieldAt(answer, blob.end)
      listed.push({ blob: blob.bytes, comment: comment.bytes.toString() })
      at = comment.end
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  return listed
}

const requestIdentities = 11
const identitiesAnswered = 12
const maxAnswerMs = 3000
const maxAnswerBytes = 2 ** 20

/** What an agent answers when it is asked for its keys, without its length; empty if it does not answer in time. */
function identitiesAnswer(path: string): Promise<Buffer> {
  return new Promise((resolve) => {
    const socket = connect(path)
    let answer = Buffer.alloc(0)
    const end = (found: Buffer): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(found)
    }
    const nothing = Buffer.alloc(0)
    const timer = setTimeout(end, maxAnswerMs, nothing)
    socket.on('error', () => end(nothing))
    socket.on('close', () => end(nothing))
    socket.on('data', (bytes) => {
      answer = Buffer.concat([answer, bytes])
      const length = answer.length < 4 ? maxAnswerBytes : answer.readUInt32BE(0)
      if (answer.length >= 4 && length > maxAnswerBytes) end(nothing)
      else if (answer.length >= 4 + length) end(answer.subarray(4, 4 + length))
    })
    socket.write(Buffer.from([0, 0, 0, 1, requestIdentities]))
  })
}
