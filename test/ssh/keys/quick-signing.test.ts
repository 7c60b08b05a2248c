import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import ssh2 from 'ssh2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPrivateKey } from '../../../src/ssh/keys/private-key.ts'
import { generateKey } from '../sshd.ts'

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'fw-run-signing-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

describe('signQuickly', () => {
  it.each([
    ['ed25519', [], [undefined]],
    ['ecdsa', ['-b', '256'], [undefined]],
    ['ecdsa', ['-b', '384'], [undefined]],
    ['ecdsa', ['-b', '521'], [undefined]],
    ['rsa', ['-b', '2048'], [undefined, 'sha256', 'sha512']],
  ])('makes the signatures that ssh2 makes: %s %j', (type, options, algorithms) => {
    const file = generateKey(join(directory, [type, ...options].join('-')), type, '', ...options)
    const text = readFileSync(file, 'utf8')
    const opened = openPrivateKey(text, file)
    const plain = ssh2.utils.parseKey(text)
    if (opened.kind !== 'open' || plain instanceof Error) throw new Error('The key is not read.')
    const data = Buffer.from('what a host is to believe')
    for (const algorithm of algorithms) {
      const signature = opened.key.sign(data, algorithm)
      expect(plain.verify(data, signature, algorithm)).toBe(true)
      expect(plain.verify(Buffer.from('other'), signature, algorithm)).toBe(false)
    }
  })

  it('shows no secret', () => {
    const file = generateKey(join(directory, 'shown'), 'ed25519')
    const opened = openPrivateKey(readFileSync(file, 'utf8'), file)
    const shown = inspect(opened, { depth: 9, showHidden: false })
    expect(shown).not.toContain('PRIVATE KEY')
  })
})
