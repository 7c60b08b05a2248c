import type { CipherAlgorithm, KexAlgorithm, MacAlgorithm } from 'ssh2'
import { onceFor } from '../memory/once-for.ts'
import type { SshAlgorithms } from '../ssh-config/ssh-answer.ts'
import { hostKeyAlgorithms } from './host-keys/host-key-algorithms.ts'

const keyExchanges: readonly KexAlgorithm[] = [
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group-exchange-sha256',
  'diffie-hellman-group14-sha256',
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group18-sha512',
  'diffie-hellman-group15-sha512',
  'diffie-hellman-group17-sha512',
  'diffie-hellman-group-exchange-sha1',
  'diffie-hellman-group14-sha1',
  'diffie-hellman-group1-sha1',
]

const ciphers: readonly CipherAlgorithm[] = [
  'chacha20-poly1305@openssh.com',
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
  'aes128-cbc',
  'aes192-cbc',
  'aes256-cbc',
  '3des-cbc',
]

const macs: readonly MacAlgorithm[] = [
  'hmac-sha2-256-etm@openssh.com',
  'hmac-sha2-512-etm@openssh.com',
  'hmac-sha1-etm@openssh.com',
  'hmac-sha2-256',
  'hmac-sha2-512',
  'hmac-sha1',
]

/** What a configuration allows of what ssh2 has, in its order; nothing where it says nothing. */
export function transportAlgorithms(wanted: SshAlgorithms | undefined): {
  kex?: KexAlgorithm[]
  cipher?: CipherAlgorithm[]
  hmac?: MacAlgorithm[]
} {
  return {
    ...(wanted?.keyExchanges && { kex: both(wanted.keyExchanges, keyExchanges) }),
    ...(wanted?.ciphers && { cipher: both(wanted.ciphers, ciphers) }),
    ...(wanted?.macs && { hmac: both(wanted.macs, macs) }),
  }
}

/** The settings of a configuration that leave nothing that fw-run has, by the names of ssh_config(5). */
export const emptyAlgorithms = onceFor((wanted: SshAlgorithms): readonly string[] => {
  const left = transportAlgorithms(wanted)
  return [
    ...(left.kex?.length === 0 ? ['KexAlgorithms'] : []),
    ...(left.cipher?.length === 0 ? ['Ciphers'] : []),
    ...(left.hmac?.length === 0 ? ['MACs'] : []),
    ...(hostKeyAlgorithms([], wanted.hostKeys).length === 0 ? ['HostKeyAlgorithms'] : []),
  ]
})

function both<T extends string>(wanted: readonly string[], known: readonly T[]): T[] {
  return wanted.flatMap((name) => known.find((one) => one === name) ?? [])
}
