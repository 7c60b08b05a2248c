import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseOpensshKey, renderEd25519Key } from '../../../src/ssh/keys/openssh-key.ts'
import { generateKey, publicKey } from '../sshd.ts'

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'fw-run-openssh-key-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

describe('parseOpensshKey', () => {
  it('reads the public half, the type and the cipher of a locked key', () => {
    const file = generateKey(
      join(directory, 'locked'),
      'ed25519',
      'open sesame',
      '-Z',
      'aes256-cbc',
    )
    const key = parseOpensshKey(readFileSync(file, 'utf8'))
    expect(`${key?.type} ${key?.publicKey.toString('base64')}`).toBe(publicKey(file))
    expect(key?.cipher).toBe('aes256-cbc')
  })

  it('finds no key in what is cut off, or is something else', () => {
    const file = generateKey(join(directory, 'open'), 'ed25519')
    const text = readFileSync(file, 'utf8')
    const [, body = ''] = /KEY-----\n([\s\S]*?)\n-----END/.exec(text) ?? []
    const data = Buffer.from(body, 'base64')
    for (const length of [0, 14, 15, 20, 60]) {
      const cut = text.replace(body, data.subarray(0, length).toString('base64'))
      expect(parseOpensshKey(cut)).toBeUndefined()
    }
    expect(parseOpensshKey(text.replaceAll('OPENSSH', 'RSA'))).toBeUndefined()
  })
})

describe('renderEd25519Key', () => {
  it('writes a key that ssh-keygen reads', () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    const { d = '', x = '' } = privateKey.export({ format: 'jwk' })
    const file = join(directory, 'rendered')
    const point = Buffer.from(x, 'base64url')
    writeFileSync(file, renderEd25519Key(Buffer.from(d, 'base64url'), point), { mode: 0o600 })
    const line = execFileSync('ssh-keygen', ['-y', '-f', file], { encoding: 'utf8' })
    expect(Buffer.from(line.split(' ')[1] ?? '', 'base64').subarray(-32)).toEqual(point)
  })
})
