import type { ServerHostKeyAlgorithm } from 'ssh2'

const preferred: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
]
const sha1 = 'ssh-rsa'
const all: readonly ServerHostKeyAlgorithm[] = [...preferred, sha1]

/**
 * The host key algorithms to ask for. Those of the known key types come first: otherwise a host whose RSA key is known
 * would show its ed25519 key and look unknown. SHA-1 always comes last. `allowed` are the names that a configuration allows,
 * best first.
 */
export function hostKeyAlgorithms(
  knownTypes: readonly string[],
  allowed?: readonly string[],
): ServerHostKeyAlgorithm[] {
  const known = (algorithm: ServerHostKeyAlgorithm) =>
    knownTypes.includes(algorithm.startsWith('rsa-') ? 'ssh-rsa' : algorithm)
  const usable: readonly ServerHostKeyAlgorithm[] = allowed
    ? allowed.flatMap((name) => all.find((algorithm) => algorithm === name) ?? [])
    : all
  const isLast = (algorithm: ServerHostKeyAlgorithm) => algorithm === sha1
  return [
    ...usable.filter((algorithm) => known(algorithm) && !isLast(algorithm)),
    ...usable.filter((algorithm) => !known(algorithm) && !isLast(algorithm)),
    ...usable.filter(isLast),
  ]
}
