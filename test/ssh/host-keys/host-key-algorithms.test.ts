import { describe, expect, it } from 'vitest'
import { hostKeyAlgorithms } from '../../../src/ssh/host-keys/host-key-algorithms.ts'

describe('hostKeyAlgorithms', () => {
  it('asks for the known types first and for SHA-1 last', () => {
    expect(hostKeyAlgorithms([])[0]).toBe('ssh-ed25519')
    const rsa = hostKeyAlgorithms(['ssh-rsa'])
    expect(rsa.slice(0, 3)).toEqual(['rsa-sha2-512', 'rsa-sha2-256', 'ssh-ed25519'])
    expect(rsa.at(-1)).toBe('ssh-rsa')
  })
})
