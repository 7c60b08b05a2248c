import { shown } from '../text/shown.ts'
import { listOf } from './variables/value-shapes.ts'

/** Names of network interfaces, in a list or a single one. */
export const interfaces = listOf('a network interface', (name) => {
  const quoted = shown(name)
  if (name.includes('+')) return `${quoted}: iptables reads + as a wildcard; list the interfaces`
  if (/^[A-Za-z0-9]\S*:\d+$/.test(name)) {
    return `${quoted} is an alias, which iptables cannot match; name the interface itself`
  }
  if (name.length > 15) return `${quoted} is not a network interface: more than 15 characters`
  return /^[A-Za-z0-9][A-Za-z0-9._@-]*$/.test(name)
    ? undefined
    : `${quoted} is not a network interface: 1 to 15 of letters, digits and . _ @ -`
}).refine((names) => names.length > 0, { error: 'the list is empty: name at least one interface' })
