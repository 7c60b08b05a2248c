import { formatIpv6, parseIpv6 } from '../../ip/ipv6.ts'
import { onceFor } from '../../memory/once-for.ts'
import { keyType } from '../keys/public-key.ts'
import type { KnownHosts, KnownHostsLine } from '../known-hosts.ts'
import { hashedNameTest, isHashed, matchesHost } from './host-pattern.ts'

/** What known_hosts says of one host: lines for its very port, and lines for its name alone when the port is not 22. */
export interface HostLines {
  readonly exact: readonly KnownHostsLine[]
  readonly portless: readonly KnownHostsLine[]
}

/** How far known_hosts trusts a key that a host has shown; a connection goes on only with `trusted`. */
export type HostKeyTrust =
  | { readonly kind: 'trusted' }
  | {
      readonly kind: 'unknown'
      /** The types of the keys that are known for the host. */
      readonly otherTypes: readonly string[]
      readonly hasAuthority: boolean
    }
  | {
      readonly kind: 'changed'
      readonly file: string
      readonly line: number
      /** Whether an authority is known, which may have signed the key: only the ssh binary can tell. */
      readonly hasAuthority: boolean
    }
  | { readonly kind: 'revoked'; readonly file: string; readonly line: number }

/**
 * The name by which known_hosts knows a host: its alias; else the address, or `[address]:port` when the port is not 22. As ssh does, it
 * writes an IPv6 address in its one short form.
 */
export function knownHostsName(address: string, port: number, alias?: string): string {
  if (alias !== undefined) return alias.toLowerCase()
  const [lower = '', zone] = address.toLowerCase().split('%', 2)
  const six = parseIpv6(lower)
  const name = `${six === undefined ? lower : formatIpv6(six)}${zone === undefined ? '' : `%${zone}`}`
  return port === 22 ? name : `[${name}]:${port}`
}

/** The lines about one host, in their order. */
export function linesFor(
  knownHosts: KnownHosts,
  address: string,
  port: number,
  alias?: string,
): HostLines {
  const named = (name: string) => linesNaming(knownHosts, name)
  const isPortless = port === 22 || alias !== undefined
  return {
    exact: named(knownHostsName(address, port, alias)),
    portless: isPortless ? [] : named(knownHostsName(address, 22)),
  }
}

function linesNaming(knownHosts: KnownHosts, name: string): readonly KnownHostsLine[] {
  const index = indexOf(knownHosts)
  const found = [
    ...(index.plain.get(name) ?? []),
    ...index.patterns.filter(({ line }) => matchesHost(line.names, name)),
    ...hashedFor(index, name),
  ]
  return found.sort((a, b) => a.at - b.at).map(({ line }) => line)
}

/** The lines with this name hashed. Each test is an HMAC, so none is made again: a line whose name is found has no other. */
function hashedFor({ hashed, unhashed }: Index, name: string): readonly PlacedLine[] {
  const known = unhashed.get(name)
  if (known) return known
  const found = [...hashed].filter(([, isItsName]) => isItsName(name)).map(([line]) => line)
  for (const line of found) hashed.delete(line)
  unhashed.set(name, found)
  return found
}

/** The lines by how they name hosts: a thousand hosts have thousands of lines, and each host is looked up. */
interface Index {
  readonly plain: ReadonlyMap<string, readonly PlacedLine[]>
  readonly patterns: readonly PlacedLine[]
  /** Lines whose names nobody knows yet, with the test of each. */
  readonly hashed: Map<PlacedLine, (name: string) => boolean>
  /** The other hashed lines, by every name that was looked up. */
  readonly unhashed: Map<string, readonly PlacedLine[]>
}

const indexOf = onceFor((knownHosts: KnownHosts): Index => {
  const plain = new Map<string, PlacedLine[]>()
  const patterns: PlacedLine[] = []
  const hashed: Index['hashed'] = new Map()
  for (const [at, line] of knownHosts.entries()) {
    const placed = { at, line }
    if (isHashed(line.names)) hashed.set(placed, hashedNameTest(line.names))
    else if (/[*?!]/.test(line.names)) patterns.push(placed)
    else {
      for (const name of new Set(line.names.toLowerCase().split(','))) {
        const alike = plain.get(name)
        if (alike) alike.push(placed)
        else plain.set(name, [placed])
      }
    }
  }
  return { plain, patterns, hashed, unhashed: new Map() }
})

interface PlacedLine {
  readonly at: number
  readonly line: KnownHostsLine
}

/** Whether no key and no authority is known of a host: only then a new key may be accepted. */
export function isNewHost(lines: HostLines): boolean {
  return lines.exact.every(({ marker }) => marker === 'revoked') && !authorityIn(lines)
}

function authorityIn({ exact, portless }: HostLines): boolean {
  return [...exact, ...portless].some(({ marker }) => marker === 'cert-authority')
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
export function trustIn(lines: HostLines, key: Buffer): HostKeyTrust {
  const { exact, portless } = lines
  const same = (line: KnownHostsLine) => line.key.equals(key)
  const revoked = [...exact, ...portless].find((line) => line.marker === 'revoked' && same(line))
  if (revoked) return { kind: 'revoked', file: revoked.file, line: revoked.line }

  const plain = exact.filter((line) => line.marker === 'none')
  if (plain.some(same)) return { kind: 'trusted' }
  const rival = plain.find((line) => keyType(line.key) === keyType(key))
  const hasAuthority = authorityIn(lines)
  if (rival) return { kind: 'changed', file: rival.file, line: rival.line, hasAuthority }
  if (plain.length === 0 && portless.some((line) => line.marker === 'none' && same(line))) {
    return { kind: 'trusted' }
  }
  return {
    kind: 'unknown',
    otherTypes: [...new Set(plain.map((line) => keyType(line.key)))],
    hasAuthority,
  }
}
