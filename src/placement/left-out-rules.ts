import type { HostState } from '../facts/state.ts'
import type { ForwardIntent } from '../guard/intent.ts'
import { firstIndex } from '../ip/first-index.ts'
import { parseAddress } from '../ip/ipv4.ts'
import { parseRange, type Range } from '../ip/ipv4-ranges.ts'
import { forwardingRules } from './forwarding-rules.ts'
import { publishedPorts } from './host/published-ports.ts'

/**
 * Whether a rule that the host left out may decide on a packet that placement walks: then it must send all its rules. Those
 * left out ask for one ClusterIP each. So they decide on no packet for a pod, for an address that nat publishes, or for
 * an address of a network that the routes know. The exception: such an address is a ClusterIP, too. Pure.
 */
export function mayMeetLeftOut(
  { ruleset, leftOut = [] }: HostState,
  { podCidrs, members, network: { routes, interfaces } }: ForwardIntent,
): boolean {
  if (leftOut.length === 0) return false
  const addresses = Float64Array.from(leftOut, (text) => parseAddress(text) ?? -1).sort()
  const isNamed = ({ first, last }: Range): boolean => {
    const next = addresses[firstIndex(addresses.length, (at) => (addresses[at] ?? 0) >= first)]
    return next !== undefined && next <= last
  }
  const texts = [
    ...[...podCidrs, ...members, ...sampled],
    ...routes.flatMap(({ cidr }) => (cidr === '0.0.0.0/0' ? [] : cidr)),
    ...interfaces.flatMap((one) => one.addresses),
    ...publishedPorts(ruleset).flatMap(({ address }) => address ?? []),
  ]
  return (
    texts.some((text) => isNamed(parseRange(text) ?? nowhere)) ||
    forwardingRules(ruleset, 'nat').some(({ matches }) =>
      matches.some((match) => {
        const range = match.kind === 'destination' && !match.negated && parseRange(match.cidr)
        return range && range.first < range.last && isNamed(range)
      }),
    )
  )
}

const nowhere: Range = { first: -1, last: -2 }

/** Addresses that no rule needs to name: placement tries them as any address far away. */
const sampled = ['192.0.2.80', '198.51.100.80', '203.0.113.77', '203.0.113.80']
