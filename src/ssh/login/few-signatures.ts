import type { BaseAgent, ParsedKey, SignCallback, SigningRequestOptions } from 'ssh2'

// A host asks once for each algorithm of a key. A hostile one could ask without end, and each signature takes time.
const maxSignatures = 5
const refusal = 'the host asked for too many signatures'

/** The key for one connection, on which it signs five times at most. */
export function keySigningFew(key: ParsedKey): ParsedKey {
  let signatures = 0
  const limited: ParsedKey = Object.create(key)
  limited.sign = (data, algorithm) => {
    signatures += 1
    // Its type says a signature, but ssh2 takes an Error for one that cannot be made.
    if (signatures > maxSignatures) return new Error(refusal) as unknown as Buffer
    return key.sign(data, algorithm)
  }
  return limited
}

/** The agent for one connection, for which it signs five times at most. `onSign` hears of each time that it is asked to. */
export function agentSigningFew(
  agent: BaseAgent<ParsedKey>,
  onSign: () => void,
): BaseAgent<ParsedKey> {
  let signatures = 0
  const limited: BaseAgent<ParsedKey> = Object.create(agent)
  limited.sign = (
    key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    callback?: SignCallback,
  ) => {
    signatures += 1
    onSign()
    const answer = typeof options === 'function' ? options : callback
    if (signatures > maxSignatures) answer?.(new Error(refusal))
    else agent.sign(key, data, typeof options === 'function' ? {} : options, answer)
  }
  return limited
}
