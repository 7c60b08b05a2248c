import { podArrivals, routedElsewhere } from '../../../guard/bare-pods.ts'
import type { EarlyIntent } from '../../../guard/intent.ts'
import { areMeant } from '../../../inventory/interface-names.ts'
import { onlyIpv4 } from '../../../ip/dual.ts'
import { type Doubt, type EarlyCheck, type Subject, warnOf } from '../../check.ts'
import { named } from '../../evidence/named-networks.ts'
import { keepSysctl } from '../../evidence/sysctl.ts'

/**
 * Whether the guard allows pods of other hosts by their addresses, which others can forge. It does where these pods come in without
 * a tunnel. Strict rp_filter drops a packet if an answer to its source would not leave by the interface by which it came in.
 */
export const podSources: EarlyCheck = {
  id: 'pod-sources',
  judge(subject) {
    return warnOf([bareSources(subject)].flatMap((doubt) => doubt ?? []))
  },
}

/** Bare pods, which the guard lets in. */
function bareSources(subject: Subject<EarlyIntent>): Doubt | undefined {
  const { intent } = subject
  const { barePods, interfaces } = intent
  if (barePods.length === 0) return undefined
  const filtering = forgeryByInterface(subject)
  const unseen = unseenWays(subject)
  const encrypting = intent.network.interfaces.find(
    ({ name, up }) => up && (name === 'wireguard.cali' || name === 'wg-v6.cali'),
  )
  const forgery = `machine on the network of ${interfaces.join(', ')} can pretend to be a pod: it sends packets with a source address from ${named(barePods)}. These packets reach pods`
  if (unseen.length > 0) {
    const names = unseen.join(', ')
    return {
      reason: `the main routing table has no IPv4 route by ${names}, so fw-run does not see how packets from pods of other hosts come in. They may come in by ${names}, as with a VPN such as Tailscale. So the guard allows ${named(barePods)} as sources. If no VPN checks source addresses, a ${forgery}`,
      remedy: `If ${names} belongs to a VPN that checks source addresses, as WireGuard and Tailscale do, add pod-sources to fw_accept. Otherwise, ${useTunnel}.`,
    }
  }
  return {
    reason: [
      encrypting
        ? `Calico uses WireGuard on this host (${encrypting.name}). Packets from pods of hosts without WireGuard would come in by ${interfaces.join(', ')} without a tunnel. So the guard allows ${named(barePods)} as sources`
        : `packets from pods of other hosts come in by ${interfaces.join(', ')} without a tunnel, so the guard allows ${named(barePods)} as sources`,
      `A ${forgery}`,
      ...filtering.reasons,
    ].join('. '),
    remedy: [
      ...filtering.remedies,
      encrypting
        ? 'To stop all such packets, set vxlanMode or ipipMode of the IP pools of Calico to Always. Or let the switch filter source addresses.'
        : `To stop all such packets, ${useTunnel}. Or let the switch filter source addresses.`,
    ].join(' '),
  }
}

const useTunnel =
  'use a tunnel between nodes (Calico: set vxlanMode or ipipMode of the IP pools to Always; flannel: set the backend to vxlan)'

/** The guarded interfaces with routes in other tables, if the guard allows pods as sources only because of them. */
function unseenWays({ facts, intent }: Subject<EarlyIntent>): readonly string[] {
  const { barePods, interfaces, network } = intent
  const unseen = routedElsewhere(network, interfaces)
  const seen = network.interfaces.filter(
    ({ name }) => areMeant(interfaces, name) && !unseen.includes(name),
  )
  const names = seen.map(({ name }) => name)
  const routes = [...network.routes, ...facts.ipv6.routes]
  if (unseen.length === 0) return []
  return podArrivals(barePods, routes, network, names, true).bare.length > 0 ? [] : unseen
}

/** What rp_filter does against forged pod addresses on each guarded interface, and where it could do more. */
function forgeryByInterface({ facts, intent }: Subject<EarlyIntent>): {
  readonly reasons: readonly string[]
  readonly remedies: readonly string[]
} {
  const { network } = intent
  const bare = onlyIpv4(intent.barePods)
  const names = network.interfaces
    .map(({ name }) => name)
    .filter((name) => areMeant(intent.interfaces, name) && facts.sourceFilters.has(name))
  if (bare.length === 0 || names.length === 0) {
    return {
      reasons: ['Linux has no rp_filter for IPv6'].filter(() => bare.length === 0),
      remedies: [],
    }
  }
  const leadsThere = (name: string): boolean =>
    podArrivals(bare, network.routes, network, [name], true).bare.length > 0
  const towards = names.filter(leadsThere)
  const lax = names.filter((name) => facts.sourceFilters.get(name) !== 1)
  const useful = lax.filter((name) => !towards.includes(name))
  return {
    reasons: [
      ...(towards.length > 0
        ? [
            `On ${towards.join(', ')}, the sysctl rp_filter=1 stops only packets that pretend to come from pods of this host. ${stateOf(towards, lax)}`,
          ]
        : []),
      ...(useful.length > 0
        ? [
            `On ${useful.join(', ')}, the sysctl rp_filter=1 is not set. It would stop all packets that pretend to come from pods`,
          ]
        : []),
    ],
    remedies:
      useful.length > 0 ? [filterStrictly(useful, facts.sourceFilters.get('all') === 2)] : [],
  }
}

/** How to make rp_filter strict. `looseForAll`: the value 2 of `all` is higher, so no other one has effect. */
function filterStrictly(names: readonly string[], looseForAll: boolean): string {
  const strict = names.map((name) => `net/ipv4/conf/${name}/rp_filter=1`)
  const words = [...(looseForAll ? ['net/ipv4/conf/all/rp_filter=0'] : []), ...strict]
  return [
    `Run \`sysctl -w ${words.join(' ')}\` on that host.`,
    ...(looseForAll
      ? [
          'This also sets `all` to 0, because Linux uses the higher one of `all` and the interface. If another interface needs 2, set 2 on that interface.',
        ]
      : []),
    keepSysctl,
    'With rp_filter=1, the host also drops packets from a client if the answer leaves by another interface.',
  ].join(' ')
}

function stateOf(towards: readonly string[], lax: readonly string[]): string {
  const unset = towards.filter((name) => lax.includes(name))
  return unset.length === 0 ? 'It is set there' : `It is not set on ${unset.join(', ')}`
}
