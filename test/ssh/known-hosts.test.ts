import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  hasOnlyAuthority,
  loadKnownHosts,
  loadRevokedKeys,
  parseKnownHosts,
  userKnownHostsFiles,
} from '../../src/ssh/known-hosts.ts'
import { generateKey, publicKey } from './sshd.ts'

let directory: string
let ed: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'fw-run-known-'))
  ed = publicKey(generateKey(join(directory, 'ed'), 'ed25519'))
})
afterAll(() => rmSync(directory, { recursive: true }))

describe('parseKnownHosts', () => {
  it.each([
    'n',
    'n ssh-ed25519',
    'n ssh-ed25519 AAAAnonsense',
    'n ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIA==',
    '@trusted n KEY',
    '@revoked KEY',
  ])('leaves out "%s"', (line) => {
    expect(parseKnownHosts(line.replace('KEY', ed), 'known_hosts')).toEqual([])
  })
})

describe('hasOnlyAuthority', () => {
  it.each([
    [true, '@cert-authority * KEY'],
    [false, '@cert-authority * KEY\nn KEY'],
    [true, '@cert-authority * KEY\nother KEY'],
    [false, 'n KEY'],
  ])('is %s for a host n where the lines are "%s"', (only, lines) => {
    const known = parseKnownHosts(lines.replaceAll('KEY', ed), 'known_hosts')
    expect(hasOnlyAuthority(known, 'n', 22, undefined)).toBe(only)
  })

  it.each([
    [true, '@cert-authority n KEY'],
    [true, '@cert-authority [n]:2222 KEY\nn KEY'],
    [false, '@cert-authority n KEY\nn KEY'],
    [false, '@cert-authority n KEY\n[n]:2222 KEY'],
    [false, '@cert-authority [n]:22222 KEY'],
  ])('is %s for its port 2222 where the lines are "%s"', (only, lines) => {
    const known = parseKnownHosts(lines.replaceAll('KEY', ed), 'known_hosts')
    expect(hasOnlyAuthority(known, 'n', 2222, undefined)).toBe(only)
  })
})

describe('loadKnownHosts', () => {
  it('reads all files and takes a missing one for empty', async () => {
    const file = join(directory, 'present')
    writeFileSync(file, `n ${ed}\r\n`)
    const known = await loadKnownHosts([join(directory, 'absent'), file])
    expect(known.map(({ names, line }) => [names, line])).toEqual([['n', 1]])
  })

  it("reads both files in the user's .ssh unless told which", async () => {
    const home = join(directory, 'home')
    mkdirSync(join(home, '.ssh'), { recursive: true })
    vi.stubEnv('HOME', home)
    writeFileSync(join(home, '.ssh', 'known_hosts'), `one ${ed}\n`)
    writeFileSync(join(home, '.ssh', 'known_hosts2'), `two ${ed}\n`)
    const files = userKnownHostsFiles()
    const names = (await loadKnownHosts(files)).map((line) => line.names)
    // What ssh knows and revokes counts also where HOME is another.
    expect(files).toContain(join(userInfo().homedir, '.ssh', 'known_hosts'))
    vi.unstubAllEnvs()
    expect(names.slice(0, 2)).toEqual(['one', 'two'])
  })

  it('takes a file that leads to /dev/null for empty, as people do who want no records', async () => {
    const link = join(directory, 'null')
    symlinkSync('/dev/null', link)
    expect(await loadKnownHosts([link])).toEqual([])
  })

  it.each([
    ['a directory', () => directory],
    ['a FIFO', () => fifo()],
    ['a device', () => '/dev/zero'],
  ])('refuses %s at once, which may never end', async (noun, path) => {
    await expect(loadKnownHosts([path()])).rejects.toMatchObject({
      code: 'credentials',
      message: expect.stringContaining(`cannot be read (${noun})`),
    })
  })
})

function fifo(): string {
  const path = join(directory, 'fifo')
  execFileSync('mkfifo', [path])
  return path
}

describe('loadRevokedKeys', () => {
  it('takes each line of the file for a key that no host may show', async () => {
    const file = join(directory, 'revoked')
    writeFileSync(file, `# a comment\n${ed}\n`)
    expect(await loadRevokedKeys(file)).toMatchObject([{ marker: 'revoked', names: '*', line: 2 }])
  })

  it('refuses a list that is not there, as ssh would refuse every host', async () => {
    await expect(loadRevokedKeys(join(directory, 'nowhere'))).rejects.toMatchObject({
      code: 'credentials',
      message: expect.stringContaining('nowhere, does not exist'),
    })
    expect(await loadRevokedKeys('/dev/null')).toEqual([])
  })

  it('refuses a binary list, which it cannot read', async () => {
    const file = join(directory, 'revoked')
    writeFileSync(file, 'SSHKRL\n\0')
    await expect(loadRevokedKeys(file)).rejects.toMatchObject({
      code: 'credentials',
      message: expect.stringContaining('(KRL)'),
    })
  })
})
