import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
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
      knownHosts: join(homedir(), '.ssh/known_hosts'),
    })
  })

  it('gives a command that works: for a new key in the file that is read, for a changed one in the file that had it', () => {
    const file = join(directory, 'of this cluster', 'hosts')
    const run = (text: string | undefined) => {
      const [, command = ''] = /, run on the jump host: (.*)$/.exec(text ?? '') ?? []
      execFileSync('sh', ['-c', command], { stdio: 'ignore' })
      const known = parseKnownHosts(readFileSync(file, 'utf8'), file)
      return hostKeyVerifier({
        ...accessAt(2222),
        hostKeys: { knownHosts: known, file: '/elsewhere' },
      })
    }
    const unknown = hostKeyVerifier({ ...accessAt(2222), hostKeys: { knownHosts: [], file } })
    expect(accepts(unknown, blob(one))).toBe(false)
    const now = run(unknown.fault()?.remedy)
    expect(accepts(now, blob(one))).toBe(true)
    const changed = run(unknown.fault()?.remedy)
    expect(accepts(changed, blob(two))).toBe(false)
    expect(changed.fault()?.remedy).toContain(`You may have to be root to change ${file}.`)
    expect(accepts(run(changed.fault()?.remedy), blob(two))).toBe(true)
  })

  it('gives no command where the configuration names no file that could know the key', () => {
    const verifier = hostKeyVerifier({ ...accessAt(22), hostKeys: { knownHosts: [] } })
    expect(accepts(verifier, blob(one))).toBe(false)
    expect(verifier.fault()?.remedy).toMatch(
      /^UserKnownHostsFile is .*Set it to ~\/\.ssh\/known_hosts/,
    )
    expect(verifier.fault()).not.toHaveProperty('unknownKey')
  })

  it('offers no key to trust where known_hosts has another one or revokes it', () => {
    for (const line of [`127.0.0.1 ${two}`, `@revoked * ${one}`]) {
      const verifier = hostKeyVerifier(knowing(accessAt(22), parseKnownHosts(line, 'known_hosts')))
      expect(accepts(verifier, blob(one))).toBe(false)
      expect(verifier.fault()).not.toHaveProperty('unknownKey')
    }
  })
})
