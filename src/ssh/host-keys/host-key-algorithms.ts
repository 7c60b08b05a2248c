import type { ServerHostKeyAlgorithm } from 'ssh2'

const preferred: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
]

/**
 * The host key algorithms to ask for. Those of the known key types come first: otherwise a host whose RSA key is known
 * would show its ed25519 key and look unknown. SHA-1 always comes last.
 */
export function hostKeyAlgorithms(knownTypes: readonly string[]): ServerHostKeyAlgorithm[] {
  const known = (algorithm: ServerHostKeyAlgorithm) =>
    knownTypes.includes(algorithm.startsWith('rsa-') ? 'ssh-rsa' : algorithm)
  return [
    ...preferred.filter(known),
    ...preferred.filter((algorithm) => !known(algorithm)),
    'ssh-rsa',
  ]
}
