import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type HostKeyVerifier,
  hostKeyVerifier,
} from '../../../src/ssh/host-keys/host-key-verifier.ts'
import { parsePublicKey } from '../../../src/ssh/keys/public-key.ts'
import { parseKnownHosts } from '../../../src/ssh/known-hosts.ts'
import { accessAt, knowing } from '../host-access.ts'
import { generateKey, publicKey } from '../sshd.ts'

let directory: string
let one: string
let two: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'fw-run-verifier-'))
  one = publicKey(generateKey(join(directory, 'one'), 'ed25519'))
  two = publicKey(generateKey(join(directory, 'two'), 'ed25519'))
})
afterAll(() => rmSync(directory, { recursive: true }))

const blob = (key: string): Buffer => parsePublicKey(key) ?? Buffer.alloc(0)

/** What it answers at once; undefined: nothing. */
function accepts(verifier: HostKeyVerifier, key: Buffer): boolean | undefined {
  let answer: boolean | undefined
  verifier.verify(key, (isAccepted) => {
    answer = isAccepted
  })
  return answer
}

describe('hostKeyVerifier', () => {
  it('accepts at a rekey only the key of the connection, though known_hosts trusts another as well', () => {
    const known = parseKnownHosts(`127.0.0.1 ${one}\n127.0.0.1 ${two}`, 'known_hosts')
    const verifier = hostKeyVerifier(knowing(accessAt(22), known))
    expect(accepts(verifier, blob(two))).toBe(true)
    expect(accepts(verifier, blob(one))).toBe(false)
    expect(accepts(verifier, blob(two))).toBe(true)
    expect(verifier.fault()).toBeUndefined()
  })

  it('keeps what is needed to trust an unknown key, also for a table of many', () => {
    const verifier = hostKeyVerifier(accessAt(2222, { name: 'node7' }))
    expect(accepts(verifier, blob(one))).toBe(false)
    expect(verifier.fault()?.unknownKey).toEqual({
      host: 'node7',
      address: '127.0.0.1',
      port: 2222,
      type: 'ssh-ed25519',
      fingerprint: expect.stringMatching(/^SHA256:[\w+/]{43}$/),
      file: '/etc/ssh/ssh_host_ed25519_key.pub',
      line: `[127.0.0.1]:2222 ${one}`,
    })
  })

  it('offers no key to trust where known_hosts has another one or revokes it', () => {
    for (const line of [`127.0.0.1 ${two}`, `@revoked * ${one}`]) {
      const verifier = hostKeyVerifier(knowing(accessAt(22), parseKnownHosts(line, 'known_hosts')))
      expect(accepts(verifier, blob(one))).toBe(false)
      expect(verifier.fault()).not.toHaveProperty('unknownKey')
    }
  })
})
