import { formatAddress } from './ipv4.ts'
import { parseNetwork } from './ipv4-ranges.ts'
import { formatIpv6, parseIpv6 } from './ipv6.ts'

/** IPv4 and IPv6. */
export const families = [4, 6] as const

export type Family = (typeof families)[number]

/** A network of either family, its addresses as numbers from `first` to `last`. One address is a network, too. */
export interface DualNetwork {
  readonly family: Family
  readonly first: bigint
  readonly last: bigint
  /** How many of its first bits are alike. */
  readonly length: number
}

/**
 * Reads an address or a network, `10.0.0.1`, `10.0.0.0/8`, `10.0.0.0/255.0.0.0`, `fd00::1` or `fd00::/56`; undefined for any
 * other text. Bits behind the prefix may be set.
 */
export function parseDual(text: string): DualNetwork | undefined {
  return familyOf(text) === 4 ? parseFour(text) : parseSix(text)
}

/** Writes a network in the one canonical way, a single address without its length. */
export function formatDual(network: DualNetwork): string {
  return network.length === BITS[network.family] ? firstAddress(network) : formatWithLength(network)
}

/** The same, always with the length. */
export function formatWithLength(network: DualNetwork): string {
  return `${firstAddress(network)}/${network.length}`
}

/** The family of the address or network that a text is. */
export function familyOf(text: string): Family {
  return text.includes(':') ? 6 : 4
}

/** The addresses or networks of a family among these. */
export function ofFamily(texts: readonly string[], family: Family): readonly string[] {
  return texts.filter((text) => familyOf(text) === family)
}

/** The addresses or networks of IPv4 among these. */
export function onlyIpv4(texts: readonly string[]): readonly string[] {
  return ofFamily(texts, 4)
}

/** Whether all addresses of `part` are in `whole`. */
export function dualContains(whole: DualNetwork, part: DualNetwork): boolean {
  return whole.family === part.family && whole.first <= part.first && part.last <= whole.last
}

/** Whether two networks share an address. */
export function dualOverlaps(a: DualNetwork, b: DualNetwork): boolean {
  return a.family === b.family && a.first <= b.last && b.first <= a.last
}

const BITS = { 4: 32, 6: 128 } as const

function firstAddress({ family, first }: DualNetwork): string {
  return family === 4 ? formatAddress(Number(first)) : formatIpv6(first)
}

function parseFour(text: string): DualNetwork | undefined {
  const network = parseNetwork(text)
  if (network === undefined) return undefined
  const { first, last, length } = network
  return { family: 4, first: BigInt(first), last: BigInt(last), length }
}

function parseSix(text: string): DualNetwork | undefined {
  const slash = text.indexOf('/')
  const address = parseIpv6(slash < 0 ? text : text.slice(0, slash))
  const length = slash < 0 ? BITS[6] : parseLength(text.slice(slash + 1))
  if (address === undefined || length === undefined) return undefined
  const behind = BigInt(BITS[6] - length)
  const first = (address >> behind) << behind
  return { family: 6, first, last: first + (1n << behind) - 1n, length }
}

function parseLength(text: string): number | undefined {
  return /^(0|[1-9]\d{0,2})$/.test(text) && Number(text) <= BITS[6] ? Number(text) : undefined
}
