import { connect } from 'node:net'
import ssh2, { type BaseAgent, type ParsedKey } from 'ssh2'
import { printable } from '../../text/printable.ts'
import { keyType } from '../keys/public-key.ts'

/** One key held by an ssh-agent; `agent` signs with this key and no other. */
export interface AgentKey {
  readonly publicKey: Buffer
  readonly comment: string
  readonly agent: BaseAgent<ParsedKey>
}

/** The keys of an ssh-agent. */
export interface AgentKeys {
  readonly keys: readonly AgentKey[]
  /** Keys that only the ssh binary can use, in a few words each: those of security keys, and certificates. */
  readonly onlySsh: readonly string[]
}

const maxAnswerMs = 3000
const maxAnswerBytes = 2 ** 20

/** Lists the keys of the ssh-agent at a socket; one that is dead or absent, or does not answer well, has none. */
export async function agentKeys(socket: string | undefined): Promise<AgentKeys> {
  const keys: AgentKey[] = []
  const onlySsh: string[] = []
  for (const { blob, comment } of socket ? heldKeys(await identitiesAnswer(socket)) : []) {
    const key = parsePublicKeyBlob(blob)
    const type = keyType(blob)
    if (key && socket) {
      keys.push({ publicKey: key.getPublicSSH(), comment, agent: new OneKeyAgent(socket, key) })
    } else if (type.startsWith('sk-')) {
      onlySsh.push(`the security key (FIDO) ${printable(comment)} of ssh-agent`)
    } else if (type.includes('-cert-')) {
      onlySsh.push(`the certificate ${printable(comment)} of ssh-agent`)
    }
  }
  return { keys, onlySsh }
}

/** A public key that ssh2 can use; undefined for any other. ssh2 throws, or returns nothing, for some that are broken. */
function parsePublicKeyBlob(blob: Buffer): ParsedKey | undefined {
  if (keyType(blob) === '') return undefined
  try {
    const key: ParsedKey | Error | undefined = ssh2.utils.parseKey(blob)
    return key && !(key instanceof Error) && !key.isPrivateKey() ? key : undefined
  } catch {
    return undefined
  }
}

const requestIdentities = 11
const identitiesAnswered = 12

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

/** The public keys in such an answer (RFC draft-miller-ssh-agent, 4.4); those before the first that is not whole. */
function heldKeys(answer: Buffer): readonly { readonly blob: Buffer; readonly comment: string }[] {
  if (answer[0] !== identitiesAnswered) return []
  const held: { blob: Buffer; comment: string }[] = []
  let at = 5
  const field = (): Buffer | undefined => {
    if (at + 4 > answer.length) return undefined
    const start = at + 4
    at = start + answer.readUInt32BE(at)
    return at > answer.length ? undefined : answer.subarray(start, at)
  }
  for (;;) {
    const [blob, comment] = [field(), field()]
    if (!blob || !comment) return held
    held.push({ blob, comment: comment.toString() })
  }
}

// ssh2 offers all keys of an agent by itself. One by one, they keep our order and each is recorded.
class OneKeyAgent extends ssh2.OpenSSHAgent {
  readonly key: ParsedKey

  constructor(socket: string, key: ParsedKey) {
    super(socket)
    this.key = key
  }

  override getIdentities(callback: ssh2.IdentityCallback<ParsedKey>): void {
    callback(null, [this.key])
  }

  // ssh2 keeps the socket of an agent that does not answer: it must not keep the process alive.
  override getStream(callback: ssh2.GetStreamCallback): void {
    super.getStream((error, stream) => {
      if (stream && 'unref' in stream && typeof stream.unref === 'function') stream.unref()
      callback(error, stream)
    })
  }
}
