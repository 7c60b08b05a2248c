import { isIPv6 } from 'node:net'
import * as z from 'zod'
import { parseAddress, specialPurpose } from '../ip/address.ts'
import { formatNetwork, parseNetwork } from '../ip/ranges.ts'
import { shown } from '../text/shown.ts'
import { listOf } from './variables/value-shapes.ts'

/** IPv4 addresses of hosts, in a list or a single one. */
export const addresses = listOf('an IPv4 address', (text) => {
  if (isIPv6(text)) return `${shown(text)} is IPv6, and the rule is for IPv4 only`
  const address = parseAddress(text)
  if (address === undefined) return `${shown(text)} is not an IPv4 address`
  const purpose = specialPurpose(address)
  return purpose ? `${text} is not the address of a host (${purpose})` : undefined
})

/** IPv4 networks, with no bits set behind the prefix, in a list or a single one. */
export const networks = listOf('an IPv4 network such as 10.233.64.0/18', (text) => {
  const [address = '', prefix = ''] = text.split('/')
  if (isIPv6(address)) return `${shown(text)} is IPv6, and the rule is for IPv4 only`
  const network = /^[1-9]\d?$/.test(prefix) ? parseNetwork(text) : undefined
  if (!network) return `${shown(text)} is not an IPv4 network such as 10.233.64.0/18`
  const whole = formatNetwork(network)
  return whole === text ? undefined : `${text} is not a network: its network is ${whole}`
})

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
