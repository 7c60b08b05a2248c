import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  knownHostsName,
  knownTypes,
  linesFor,
  trustIn,
} from '../../../src/ssh/host-keys/host-key-trust.ts'
import { parsePublicKey } from '../../../src/ssh/keys/public-key.ts'
import { parseKnownHosts } from '../../../src/ssh/known-hosts.ts'
import { generateKey, publicKey } from '../sshd.ts'

let directory: string
let ed: string
let other: string
let rsa: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'fw-run-trust-'))
  ed = publicKey(generateKey(join(directory, 'ed'), 'ed25519'))
  other = publicKey(generateKey(join(directory, 'other'), 'ed25519'))
  rsa = publicKey(generateKey(join(directory, 'rsa'), 'rsa', '', '-b', '2048'))
})
afterAll(() => rmSync(directory, { recursive: true }))

function blob(key: string): Buffer {
  return parsePublicKey(key) ?? Buffer.alloc(0)
}

function judge(text: string, host: string, port: number, key: string) {
  return trustIn(linesFor(parseKnownHosts(text, 'known_hosts'), host, port), blob(key))
}

function hashed(line: string): string {
  const file = join(directory, 'to-hash')
  writeFileSync(file, `${line}\n`)
  spawnSync('ssh-keygen', ['-q', '-H', '-f', file])
  return execFileSync('cat', [file], { encoding: 'utf8' })
}

describe('linesFor', () => {
  it('keeps the order of the file, whatever kind of names a line has', () => {
    const text = `10.0.0.* ${ed}\nnode1,10.0.0.1 ${other}\n${hashed(`10.0.0.1 ${ed}`)}10.0.0.1,10.0.0.1 ${rsa}\n`
    const { exact } = linesFor(parseKnownHosts(text, 'known_hosts'), '10.0.0.1', 22)
    expect(exact.map(({ line }) => line)).toEqual([1, 2, 3, 4])
  })

  it.each([
    ['10.0.0.1 KEY', '10.0.0.1', 22, true],
    ['10.0.0.1 KEY', '10.0.0.2', 22, false],
    ['10.0.0.1,node1 KEY a comment', 'node1', 22, true],
    ['Node1.Example KEY', 'NODE1.example', 22, true],
    ['10.0.0.* KEY', '10.0.0.77', 22, true],
    ['10.0.0.? KEY', '10.0.0.77', 22, false],
    ['*,!10.0.0.1 KEY', '10.0.0.1', 22, false],
    ['!10.0.0.1,* KEY', '10.0.0.2', 22, true],
    ['!10.0.0.1 KEY', '10.0.0.2', 22, false],
    ['[10.0.0.1]:2222 KEY', '10.0.0.1', 2222, true],
    ['[10.0.0.1]:2222 KEY', '10.0.0.1', 22, false],
    ['[10.0.0.1]:22 KEY', '10.0.0.1', 22, false],
    ['[10.0.0.*]:2222 KEY', '10.0.0.9', 2222, true],
    ['* KEY', '10.0.0.9', 2222, true],
    ['10.0.0.1 KEY', '10.0.0.1', 2222, false],
    ['fe80::1 KEY', 'fe80::1', 22, true],
    ['[fe80::1]:2222 KEY', 'fe80::1', 2222, true],
    ['node.1 KEY', 'nodeX1', 22, false],
    ['# 10.0.0.1 KEY', '10.0.0.1', 22, false],
    ['  10.0.0.1\tKEY', '10.0.0.1', 22, true],
    ['|1|short 10.0.0.1 KEY', '10.0.0.1', 22, false],
  ])('agrees with ssh-keygen -F on "%s" for %s port %i', (template, host, port, found) => {
    const line = template.replace('KEY', ed)
    const file = join(directory, 'one-line')
    writeFileSync(file, `${line}\n`)
    const search = spawnSync('ssh-keygen', ['-F', knownHostsName(host, port), '-f', file])
    expect(search.status === 0).toBe(found)
    expect(linesFor(parseKnownHosts(line, file), host, port).exact.length > 0).toBe(found)
  })

  it('finds an IPv6 address in any spelling, as ssh does', () => {
    for (const host of ['2001:DB8:0:0::1', '2001:db8::1'])
      expect(judge(`[2001:db8::1]:2222 ${ed}`, host, 2222, other).kind).toBe('changed')
    expect(judge(`fe80::1%ens18 ${ed}`, 'fe80:0::1%ens18', 22, ed).kind).toBe('trusted')
  })

  it('finds hashed names', () => {
    const text = hashed(`10.0.0.1 ${ed}`) + hashed(`[10.0.0.2]:2222 ${ed}`)
    expect(text).toMatch(/^\|1\|/)
    expect(judge(text, '10.0.0.1', 22, ed).kind).toBe('trusted')
    expect(judge(text, '10.0.0.2', 2222, ed).kind).toBe('trusted')
    expect(judge(text, '10.0.0.3', 22, ed).kind).toBe('unknown')
  })

  it('finds all lines of each hashed name, also when it looks again, and for another port', () => {
    const hosts = ['10.0.0.1', '10.0.0.2', '10.0.0.3']
    const keysOf = (key: string) => hosts.map((host) => hashed(`${host} ${key}`)).join('')
    const knownHosts = parseKnownHosts(keysOf(ed) + keysOf(rsa), 'known_hosts')
    const linesOf = (host: string, port: number) => {
      const { exact, portless } = linesFor(knownHosts, host, port)
      return [exact, portless].map((lines) => lines.map(({ line }) => line))
    }
    for (const port of [2222, 22, 2222, 22]) {
      for (const [at, host] of [...hosts.entries()].reverse()) {
        const own = [at + 1, at + 4]
        expect(linesOf(host, port)).toEqual(port === 22 ? [own, []] : [[], own])
      }
    }
    expect(linesOf('10.0.0.4', 22)).toEqual([[], []])
  })
})

describe('trustIn', () => {
  it('names the line that a changed key differs from', () => {
    const text = `\n10.0.0.1 ${rsa}\n10.0.0.1 ${other}\n`
    expect(judge(text, '10.0.0.1', 22, ed)).toEqual({
      kind: 'changed',
      file: 'known_hosts',
      line: 3,
      hasAuthority: false,
    })
  })

  it('trusts any one of several keys of a type', () => {
    expect(judge(`n ${other}\nn ${ed}`, 'n', 22, ed).kind).toBe('trusted')
  })

  it('tells which other types are pinned', () => {
    expect(judge(`n ${rsa}`, 'n', 22, ed)).toMatchObject({
      kind: 'unknown',
      otherTypes: ['ssh-rsa'],
    })
  })

  it('refuses a revoked key wherever it is listed', () => {
    const text = `n ${ed}\n@revoked * ${ed}\n`
    expect(judge(text, 'n', 22, ed)).toMatchObject({ kind: 'revoked', line: 2 })
    expect(judge(text, 'n', 2222, ed)).toMatchObject({ kind: 'revoked', line: 2 })
    expect(judge(text, 'n', 22, other)).toMatchObject({ kind: 'changed', line: 1 })
  })

  it('does not take an authority for a host key', () => {
    expect(judge(`@cert-authority n ${ed}`, 'n', 22, ed)).toEqual({
      kind: 'unknown',
      otherTypes: [],
      hasAuthority: true,
    })
    expect(judge(`@cert-authority n ${ed}\nn ${other}`, 'n', 22, ed)).toMatchObject({
      kind: 'changed',
      hasAuthority: true,
    })
  })

  it('lets a line without a port vouch for the same key on another port, but not accuse it', () => {
    expect(judge(`n ${ed}`, 'n', 2222, ed).kind).toBe('trusted')
    expect(judge(`n ${other}`, 'n', 2222, ed).kind).toBe('unknown')
    expect(judge(`n ${ed}\n[n]:2222 ${other}`, 'n', 2222, ed).kind).toBe('changed')
  })

  it('takes no word of a line without a port where the port has a key, of whichever type', () => {
    expect(judge(`n ${ed}\n[n]:2222 ${rsa}`, 'n', 2222, ed)).toMatchObject({
      kind: 'unknown',
      otherTypes: ['ssh-rsa'],
    })
    expect(judge(`n ${ed}\n@cert-authority [n]:2222 ${rsa}`, 'n', 2222, ed).kind).toBe('trusted')
  })
})

describe('knownTypes', () => {
  it('lists each pinned type once and no revoked one', () => {
    const text = `n ${rsa}\nn ${ed}\nn ${other}\n@revoked m ${ed}\n`
    const known = parseKnownHosts(text, 'known_hosts')
    expect(knownTypes(linesFor(known, 'n', 22))).toEqual(['ssh-rsa', 'ssh-ed25519'])
    expect(knownTypes(linesFor(known, 'm', 22))).toEqual([])
  })

  it('goes by lines without a port where there are none for it', () => {
    const known = parseKnownHosts(
      `n ${rsa}\n@revoked n ${ed}\nm ${rsa}\n[m]:2222 ${ed}`,
      'known_hosts',
    )
    expect(knownTypes(linesFor(known, 'n', 2222))).toEqual(['ssh-rsa'])
    expect(knownTypes(linesFor(known, 'm', 2222))).toEqual(['ssh-ed25519'])
  })
})
