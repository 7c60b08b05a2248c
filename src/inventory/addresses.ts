import { isIPv6 } from 'node:net'
import * as z from 'zod'
import { dualOverlaps, familyOf, formatDual, formatWithLength, parseDual } from '../ip/dual.ts'
import { parseAddress } from '../ip/ipv4.ts'
import { dualPurpose, specialPurpose } from '../ip/special-purpose.ts'
import { shown } from '../text/shown.ts'
import { listOf } from './variables/value-shapes.ts'

/** Addresses of hosts, of both families, in a list or a single one. All spellings of one address become one. */
export const addresses = listOf('an IP address', faultOfAddress, canonicalAddress)

/** Networks of both families, with no bits set behind the prefix, in a list or a single one. All spellings become one. */
export const networks = listOf(
  'a network such as 10.233.64.0/18 or fd00:64::/56',
  faultOfNetwork,
  canonicalNetwork,
)

/** A TCP port, 1 to 65535. */
export const port = z
  .string({ error: 'must be a port, 1 to 65535' })
  .refine(isPort, { error: ({ input }) => `${shown(input)} is not a port: 1 to 65535` })
  .transform(Number)

/** Whether the text is a decimal port number, 1 to 65535. */
export function isPort(text: string): boolean {
  return /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535
}

/** Whether the text is a host name or an IP address to connect to. */
export function isHostAddress(text: string): boolean {
  if (parseAddress(text) !== undefined || isIPv6(text)) return true
  // What looks like a number but is no address would be taken for something else by inet_aton.
  if (/^[\d.]+$/.test(text) || text.length > 253) return false
  return /^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?$/.test(text)
}

/** Whether the text is an IPv4 address by which other hosts may know this one. */
export function isMemberAddress(text: string): boolean {
  const address = parseAddress(text)
  return address !== undefined && specialPurpose(address) === undefined
}

/** The canonical text of an address, IPv4 or IPv6, by which other hosts may know this one; undefined for any other text. */
export function memberAddress(text: string): string | undefined {
  return faultOfAddress(text) === undefined ? canonicalAddress(text) : undefined
}

/** The canonical text of a network, IPv4 or IPv6, that a cluster may use; undefined for any other text. */
export function usableNetwork(text: string): string | undefined {
  return faultOfNetwork(text) === undefined ? canonicalNetwork(text) : undefined
}

function faultOfAddress(text: string): string | undefined {
  const address = text.includes('/') ? undefined : parseDual(text)
  if (address === undefined) {
    const hint = isIPv6(text)
      ? ' that fw-run accepts: write it without a zone (such as %eth0), and without an IPv4 address at its end (such as ::ffff:192.0.2.1)'
      : ''
    return `${shown(text)} is not an IP address${hint}`
  }
  const purpose = dualPurpose(address)
  return purpose ? `${text} is not the address of a host (${purpose})` : undefined
}

function faultOfNetwork(text: string): string | undefined {
  const network = /\/[1-9]\d{0,2}$/.test(text) ? parseDual(text) : undefined
  if (!network) return `${shown(text)} is not a network such as 10.233.64.0/18 or fd00:64::/56`
  const whole = formatWithLength(network)
  if (canonicalNetwork(text) !== whole) return `${text} is not a network: its network is ${whole}`
  return LINK_NETWORKS.flatMap((one) => parseDual(one) ?? []).some((one) =>
    dualOverlaps(one, network),
  )
    ? `${text} has link-local or multicast addresses, which hosts use only on their own link`
    : undefined
}

/** Read when they are needed: the first look at an IPv6 address takes Node several milliseconds. */
const LINK_NETWORKS = ['fe80::/10', 'ff00::/8'] as const

/** IPv4 addresses can be written in one way only. */
function canonicalAddress(text: string): string {
  const address = familyOf(text) === 6 ? parseDual(text) : undefined
  return address ? formatDual(address) : text
}

function canonicalNetwork(text: string): string {
  const [address = '', length] = text.split('/')
  return `${canonicalAddress(address)}/${length}`
}
