import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { FwRunError } from '../errors.ts'
import { meansHost } from './host-keys/host-pattern.ts'
import { keyType, parsePublicKey } from './keys/public-key.ts'

/** One line of a known_hosts file; `names` is its first field as written. */
export interface KnownHostsLine {
  readonly marker: 'none' | 'revoked' | 'cert-authority'
  readonly names: string
  readonly key: Buffer
  readonly file: string
  readonly line: number
}

/** All lines of all known_hosts files, in the order in which OpenSSH reads them. */
export type KnownHosts = readonly KnownHostsLine[]

/** What is known of one host: lines for its very port, and lines for its name alone when the port is not 22. */
export interface HostLines {
  readonly exact: readonly KnownHostsLine[]
  readonly portless: readonly KnownHostsLine[]
}

/** What known_hosts says of a key that a host has shown; only `trusted` may go on. */
export type HostKeyVerdict =
  | { readonly kind: 'trusted' }
  | {
      readonly kind: 'unknown'
      readonly otherTypes: readonly string[]
      readonly onlyAuthority: boolean
    }
  | { readonly kind: 'changed'; readonly file: string; readonly line: number }
  | { readonly kind: 'revoked'; readonly file: string; readonly line: number }

/** Reads the files that OpenSSH reads by default; a missing file is empty, an unreadable one a `credentials` fault. */
export async function loadKnownHosts(files = defaultKnownHostsFiles()): Promise<KnownHosts> {
  const all = await Promise.all(
    files.map(async (file) => parseKnownHosts(await textOf(file), file)),
  )
  return all.flat()
}

/** The user's two files, then the machine's two, as in ssh_config(5). */
function defaultKnownHostsFiles(): string[] {
  const own = join(homedir(), '.ssh')
  const files = ['known_hosts', 'known_hosts2'].map((name) => join(own, name))
  return [...files, '/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2']
}

/** The lines of one file; comments, blank lines and lines that OpenSSH would not understand are left out. */
export function parseKnownHosts(text: string, file: string): KnownHostsLine[] {
  return text.split(/\r?\n/).flatMap((raw, index) => {
    const match = /^\s*(?:@(revoked|cert-authority)[ \t]+)?([^#@\s]\S*)[ \t]+(\S.*)$/.exec(raw)
    const key = parsePublicKey(match?.[3] ?? '')
    if (!match?.[2] || !key) return []
    const marker = (match[1] ?? 'none') as KnownHostsLine['marker']
    return [{ marker, names: match[2], key, file, line: index + 1 }]
  })
}

/** The name by which known_hosts knows a host: the address, or `[address]:port` when the port is not 22. */
export function knownHostsName(address: string, port: number): string {
  const name = address.toLowerCase()
  return port === 22 ? name : `[${name}]:${port}`
}

/** The lines that speak of one host, found once for each connection: hashed lines cost an HMAC each. */
export function linesFor(knownHosts: KnownHosts, address: string, port: number): HostLines {
  const named = (name: string) => knownHosts.filter((line) => meansHost(line.names, name))
  return {
    exact: named(knownHostsName(address, port)),
    portless: port === 22 ? [] : named(knownHostsName(address, 22)),
  }
}

/** The key types known for a host, the ones to ask it for first. */
export function knownTypes({ exact, portless }: HostLines): string[] {
  const plain = exact.filter((line) => line.marker === 'none')
  const lines = plain.length > 0 ? plain : portless.filter((line) => line.marker === 'none')
  return [...new Set(lines.map((line) => keyType(line.key)))]
}

/**
 * Judges a key blob as OpenSSH does under StrictHostKeyChecking=yes. A line without a port can vouch for
 * the same key on another port (sshconnect.c, "checking without port identifier"), but never accuse it.
 */
export function verdict({ exact, portless }: HostLines, key: Buffer): HostKeyVerdict {
  const same = (line: KnownHostsLine) => line.key.equals(key)
  const revoked = [...exact, ...portless].find((line) => line.marker === 'revoked' && same(line))
  if (revoked) return { kind: 'revoked', file: revoked.file, line: revoked.line }

  const plain = exact.filter((line) => line.marker === 'none')
  if (plain.some(same)) return { kind: 'trusted' }
  const rival = plain.find((line) => keyType(line.key) === keyType(key))
  if (rival) return { kind: 'changed', file: rival.file, line: rival.line }
  if (plain.length === 0 && portless.some((line) => line.marker === 'none' && same(line))) {
    return { kind: 'trusted' }
  }
  return {
    kind: 'unknown',
    otherTypes: [...new Set(plain.map((line) => keyType(line.key)))],
    onlyAuthority: plain.length === 0 && exact.some((line) => line.marker === 'cert-authority'),
  }
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ENOTDIR') return ''
    throw new FwRunError('credentials', `The known hosts in ${file} cannot be read (${code}).`, {
      remedy: `Make ${file} readable for you: it may revoke keys.`,
      cause,
    })
  }
}
