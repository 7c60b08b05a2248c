import ssh2, { type BaseAgent, type ParsedKey } from 'ssh2'
import { printable } from '../../text/printable.ts'
import { keyType } from '../keys/public-key.ts'
import { listedKeys } from './agent-protocol.ts'

/** One key held by an ssh-agent; `agent` signs with this key and no other. */
export interface AgentKey {
  readonly publicKey: Buffer
  readonly comment: string
  readonly agent: BaseAgent<ParsedKey>
}

/** The keys of an ssh-agent. */
export interface AgentKeys {
  readonly keys: readonly AgentKey[]
  /** Certificates, in a few words each: only the ssh binary can use them. */
  readonly certificates: readonly string[]
  /** Keys of security keys (FIDO), in a few words each: only the ssh binary can use them. */
  readonly securityKeys: readonly string[]
}

/** Lists the keys of the ssh-agent at a socket; one that is dead or absent, or does not answer well, has none. */
export async function agentKeys(socket: string | undefined): Promise<AgentKeys> {
  const keys: AgentKey[] = []
  const certificates: string[] = []
  const securityKeys: string[] = []
  if (!socket) return { keys, certificates, securityKeys }
  for (const { blob, comment } of await listedKeys(socket)) {
    const key = parsePublicKeyBlob(blob)
    const type = keyType(blob)
    if (key) {
      keys.push({ publicKey: key.getPublicSSH(), comment, agent: new OneKeyAgent(socket, key) })
    } else if (type.includes('-cert-')) {
      certificates.push(`the certificate ${printable(comment)} of ssh-agent`)
    } else if (type.startsWith('sk-')) {
      securityKeys.push(`the security key (FIDO) ${printable(comment)} of ssh-agent`)
    }
  }
  return { keys, certificates, securityKeys }
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
