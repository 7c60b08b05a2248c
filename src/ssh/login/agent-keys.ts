import { Socket } from 'node:net'
import ssh2, { type BaseAgent, type ParsedKey } from 'ssh2'

/** One key held by an ssh-agent; `agent` signs with this key and no other. */
export interface AgentKey {
  readonly publicKey: Buffer
  readonly comment: string
  readonly agent: BaseAgent<ParsedKey>
}

const maxAnswerMs = 3000

/** Lists the keys of the ssh-agent at a socket; one that is dead or absent, or does not answer, has none. */
export async function agentKeys(socket: string | undefined): Promise<AgentKey[]> {
  if (!socket) return []
  const agent = new LooseAgent(socket)
  const keys = await new Promise<readonly ParsedKey[]>((resolve) => {
    const timer = setTimeout(resolve, maxAnswerMs, [])
    agent.getIdentities((error, found) => {
      clearTimeout(timer)
      resolve(error || !found ? [] : found.filter(isParsedKey))
    })
  })
  return keys.map((key) => ({
    publicKey: key.getPublicSSH(),
    comment: key.comment,
    agent: new OneKeyAgent(socket, key),
  }))
}

// ssh2 keeps the socket of an agent that does not answer: it must not keep the process alive.
class LooseAgent extends ssh2.OpenSSHAgent {
  override getStream(callback: ssh2.GetStreamCallback): void {
    super.getStream((error, stream) => {
      if (stream instanceof Socket) stream.unref()
      callback(error, stream)
    })
  }
}

// ssh2 offers all keys of an agent by itself. One by one, they keep our order and each is recorded.
class OneKeyAgent extends LooseAgent {
  readonly key: ParsedKey

  constructor(socket: string, key: ParsedKey) {
    super(socket)
    this.key = key
  }

  override getIdentities(callback: ssh2.IdentityCallback<ParsedKey>): void {
    callback(null, [this.key])
  }
}

function isParsedKey(key: unknown): key is ParsedKey {
  return typeof key === 'object' && key !== null && 'getPublicSSH' in key
}
