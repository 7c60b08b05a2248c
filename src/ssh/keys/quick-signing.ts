import { createPrivateKey, type KeyObject, sign } from 'node:crypto'
import type { ParsedKey } from 'ssh2'

/** The digest of each type of key that has one only. */
const digests: Readonly<Record<string, string | null>> = {
  'ssh-ed25519': null,
  'ecdsa-sha2-nistp256': 'sha256',
  'ecdsa-sha2-nistp384': 'sha384',
  'ecdsa-sha2-nistp521': 'sha512',
}

/**
 * Lets a private key sign by what Node has read of it once. ssh2 reads its PEM for each signature, which takes ten times as long as to
 * sign, and each host costs a signature.
 */
export function signQuickly(key: ParsedKey): void {
  let read: KeyObject | undefined
  const slowly = key.sign.bind(key)
  key.sign = (data, algorithm) => {
    const digest = algorithm ?? digests[key.type]
    if (digest === undefined) return slowly(data, algorithm)
    try {
      read ??= createPrivateKey(key.getPrivatePEM())
      return sign(digest, Buffer.from(data), read)
    } catch {
      return slowly(data, algorithm)
    }
  }
}
