import { join } from 'node:path'
import { FwRunError } from '../errors.ts'
import { givenHome, ownHome } from '../jump-host/own-home.ts'
import { linesFor } from './host-keys/host-key-trust.ts'
import { parsePublicKey } from './keys/public-key.ts'
import { readTextFile } from './keys/text-file.ts'

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

/** Reads these files; a missing file is empty, an unreadable one a `credentials` fault. */
export async function loadKnownHosts(files: readonly string[]): Promise<KnownHosts> {
  const all = await Promise.all(
    files.map(async (file) => parseKnownHosts(await textOf(file), file)),
  )
  return all.flat()
}

/**
 * The user's two files, as in ssh_config(5); new keys go into the first. Where HOME is another than the home that ssh knows, the files
 * there count as well: what they trust, and what they revoke.
 */
export function userKnownHostsFiles(): readonly string[] {
  return [...new Set([givenHome(), ownHome()])].flatMap((home) =>
    ['known_hosts', 'known_hosts2'].map((name) => join(home, '.ssh', name)),
  )
}

/** The two files of the machine. */
export const globalKnownHostsFiles: readonly string[] = [
  '/etc/ssh/ssh_known_hosts',
  '/etc/ssh/ssh_known_hosts2',
]

/**
 * Reads a list of revoked keys (RevokedHostKeys): each line is a key, and counts for every host. A binary list (KRL) is a
 * `credentials` fault, and so is a list that is not there: ssh would then refuse every host.
 */
export async function loadRevokedKeys(file: string): Promise<KnownHosts> {
  const found = await readTextFile(file)
  // What leads to /dev/null is no file here, but an empty list for ssh.
  if (found.kind === 'missing' && file !== '/dev/null') {
    throw new FwRunError('credentials', `The file of revoked host keys, ${file}, does not exist.`, {
      remedy: `Correct RevokedHostKeys in the SSH configuration, or create an empty file ${file}.`,
    })
  }
  const text = await textOf(file)
  if (isBinary(text)) {
    throw new FwRunError(
      'credentials',
      `The revoked host keys in ${file} are a binary list (KRL), which fw-run cannot read.`,
      { remedy: 'Give RevokedHostKeys a text file with one public key in each line.' },
    )
  }
  return text.split('\n').flatMap((line, index) => {
    const key = parsePublicKey(line)
    return key ? [{ marker: 'revoked' as const, names: '*', key, file, line: index + 1 }] : []
  })
}

/** Whether a file is a binary list of revoked keys, which only ssh reads. */
export async function isBinaryList(file: string): Promise<boolean> {
  const found = await readTextFile(file)
  return found.kind === 'text' && isBinary(found.text)
}

function isBinary(text: string): boolean {
  return text.startsWith('SSHKRL')
}

/** What ssh2 lacks where a known authority may have signed the key of a host. */
export const hostCertificate = 'a host certificate (@cert-authority)'

/** Whether of a host an authority is known, which signs its key, and no key. A line without a port counts as well, as for ssh. */
export function hasOnlyAuthority(
  knownHosts: KnownHosts,
  address: string,
  port: number,
  alias: string | undefined,
): boolean {
  // Each hashed line costs an HMAC.
  if (!knownHosts.some(({ marker }) => marker === 'cert-authority')) return false
  const { exact, portless } = linesFor(knownHosts, address, port, alias)
  const has = (lines: KnownHosts, marker: KnownHostsLine['marker']) =>
    lines.some((line) => line.marker === marker)
  const lines = has(exact, 'cert-authority') ? exact : [...exact, ...portless]
  return has(lines, 'cert-authority') && !has(lines, 'none')
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

async function textOf(path: string): Promise<string> {
  const file = await readTextFile(path)
  switch (file.kind) {
    case 'text':
      return file.text
    case 'missing':
      return ''
    case 'unreadable':
      throw new FwRunError(
        'credentials',
        `The known hosts in ${path} cannot be read (${file.why}).`,
        {
          remedy: `Make ${path} a file that you can read, or remove it. fw-run does not skip this file, because it may hold @revoked lines.`,
          cause: file.cause,
        },
      )
  }
}
