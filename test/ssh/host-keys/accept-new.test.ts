import { spawnSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { hostKeyVerifier } from '../../../src/ssh/host-keys/host-key-verifier.ts'
import { parsePublicKey } from '../../../src/ssh/keys/public-key.ts'
import { parseKnownHosts } from '../../../src/ssh/known-hosts.ts'
import type { SessionFault } from '../../../src/ssh/session-fault.ts'
import { accessAt } from '../host-access.ts'
import { generateKey, publicKey } from '../sshd.ts'

let directory: string
let keys: Record<'one' | 'two' | 'rsa', string>
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'fw-run-accept-'))
  const make = (name: string, type: string) => publicKey(generateKey(join(directory, name), type))
  keys = { one: make('one', 'ed25519'), two: make('two', 'ed25519'), rsa: make('rsa', 'rsa') }
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

let file: string
let heard: string[]
let number = 0
beforeEach(() => {
  file = join(directory, `room${number++}`, 'known_hosts')
  mkdirSync(join(file, '..'), { recursive: true })
  heard = []
})

const blob = (key: string): Buffer => parsePublicKey(key) ?? Buffer.alloc(0)

interface Rules {
  readonly port?: number
  readonly alias?: string
  readonly hash?: boolean
  /** What the run read before; the file itself unless given. */
  readonly read?: string
}

/** Shows a key to a verifier that may accept new ones. */
async function show(key: string, { port = 22, alias, hash = false, read }: Rules = {}) {
  const text = read ?? (statSync(file, { throwIfNoEntry: false }) ? readFileSync(file, 'utf8') : '')
  const verifier = hostKeyVerifier(
    accessAt(port, {
      address: 'n1.lan',
      hostKeys: {
        knownHosts: parseKnownHosts(text, file),
        alias,
        acceptNew: { file, hash, heard: ({ fingerprint }) => heard.push(fingerprint) },
      },
    }),
  )
  const isAccepted = await new Promise<boolean>((resolve) => verifier.verify(blob(key), resolve))
  return { isAccepted, fault: verifier.fault() as SessionFault | undefined }
}

/** Whether ssh-keygen finds the name in the file. */
function isKnown(name: string): boolean {
  return spawnSync('ssh-keygen', ['-F', name, '-f', file]).status === 0
}

describe('hostKeyVerifier, where new keys are accepted', () => {
  it('writes down the key of a host of which nothing is known, and says so', async () => {
    expect(await show(keys.one)).toEqual({ isAccepted: true, fault: undefined })
    expect(readFileSync(file, 'utf8')).toBe(`n1.lan ${keys.one}\n`)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(heard).toEqual([expect.stringMatching(/^SHA256:/)])
  })

  it('makes the directory of the file', async () => {
    file = join(directory, 'new', 'deep', 'known_hosts')
    expect((await show(keys.one)).isAccepted).toBe(true)
    expect(statSync(join(file, '..')).mode & 0o777).toBe(0o700)
  })

  it('names the port, and writes an alias without one', async () => {
    await show(keys.one, { port: 2222 })
    await show(keys.one, { port: 2222, alias: 'Alias1' })
    expect(readFileSync(file, 'utf8')).toBe(`[n1.lan]:2222 ${keys.one}\nalias1 ${keys.one}\n`)
  })

  it('begins a line of its own in a file that does not end with one', async () => {
    writeFileSync(file, `other.lan ${keys.two}`)
    await show(keys.one)
    expect(readFileSync(file, 'utf8')).toBe(`other.lan ${keys.two}\nn1.lan ${keys.one}\n`)
  })

  it('hashes the name when told so, and where the file does', async () => {
    await show(keys.one, { hash: true, port: 2222 })
    expect(readFileSync(file, 'utf8')).toMatch(/^\|1\|[\w+/=]+\|[\w+/=]+ ssh-ed25519 /)
    expect(isKnown('[n1.lan]:2222')).toBe(true)
    await show(keys.one)
    expect(readFileSync(file, 'utf8')).not.toContain('n1.lan')
    expect(isKnown('n1.lan')).toBe(true)
  })

  it('never accepts a changed key, nor one of another type than the known one', async () => {
    const text = `n1.lan ${keys.two}\n`
    writeFileSync(file, text)
    expect(await show(keys.one)).toMatchObject({
      isAccepted: false,
      fault: { stage: 'host-key', reason: expect.stringContaining('differs from') },
    })
    expect(await show(keys.rsa)).toMatchObject({
      isAccepted: false,
      fault: { reason: expect.stringContaining('has only the ssh-ed25519 key') },
    })
    expect(readFileSync(file, 'utf8')).toBe(text)
    expect(heard).toEqual([])
  })

  it('never accepts a revoked key, nor a plain one where an authority is known', async () => {
    writeFileSync(file, `@revoked * ${keys.one}\n@cert-authority *.lan ${keys.two}\n`)
    expect(await show(keys.one)).toMatchObject({
      isAccepted: false,
      fault: { reason: expect.stringContaining('revokes') },
    })
    expect(await show(keys.rsa)).toMatchObject({
      isAccepted: false,
      fault: { reason: expect.stringContaining('@cert-authority') },
    })
    writeFileSync(file, `@cert-authority n1.lan ${keys.two}\n`)
    expect(await show(keys.rsa, { port: 2222 })).toMatchObject({
      isAccepted: false,
      fault: { reason: expect.stringContaining('@cert-authority') },
    })
  })

  it('looks again under the lock: another program may have learnt the key meanwhile', async () => {
    writeFileSync(file, `n1.lan ${keys.one}\n`)
    expect(await show(keys.one, { read: '' })).toEqual({ isAccepted: true, fault: undefined })
    expect(readFileSync(file, 'utf8')).toBe(`n1.lan ${keys.one}\n`)
    expect(await show(keys.two, { read: '' })).toMatchObject({
      isAccepted: false,
      fault: { reason: expect.stringContaining('differs from') },
    })
  })

  it('writes one line for a key that many sessions meet at once', async () => {
    const shown = await Promise.all(Array.from({ length: 20 }, () => show(keys.one)))
    expect(shown.every(({ isAccepted }) => isAccepted)).toBe(true)
    expect(readFileSync(file, 'utf8')).toBe(`n1.lan ${keys.one}\n`)
    expect(readdirSync(join(file, '..'))).toEqual(['known_hosts'])
  })

  it('takes over the lock of an fw-run that was killed', async () => {
    const lock = `${file}.fw-run-lock`
    writeFileSync(lock, '')
    utimesSync(lock, new Date(0), new Date(0))
    expect((await show(keys.one)).isAccepted).toBe(true)
    expect(readdirSync(join(file, '..'))).toEqual(['known_hosts'])
  })

  it('refuses a key that cannot be written down', async () => {
    mkdirSync(file)
    expect(await show(keys.one, { read: '' })).toMatchObject({
      isAccepted: false,
      fault: {
        stage: 'host-key',
        reason: expect.stringMatching(
          /of n1\.lan cannot be written to .*known_hosts \(a directory\)/,
        ),
        remedy: expect.stringContaining('that you can write'),
      },
    })
  })
})
