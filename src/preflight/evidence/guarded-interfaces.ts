import {
  innerInterfaceExamples,
  isOfContainers,
  isOfHost,
  isOfPodSwitch,
} from '../../facts/inner-interface-names.ts'
import type { Interface } from '../../facts/interfaces.ts'
import { routesToPeers } from '../../facts/peers.ts'
import { leadsToPods, podInterfaceExamples } from '../../facts/pod-interface-names.ts'
import type { ProtectIntent } from '../../guard/intent.ts'
import { areMeant } from '../../inventory/interface-names.ts'
import type { InventoryHost } from '../../inventory/inventory.ts'
import { asGiven } from '../../inventory/settings.ts'
import { type CheckResult, fail, type Subject, warn } from '../check.ts'
import { keepSysctl } from './sysctl.ts'

/** Fails where the host has none of these interfaces. */
export function noneThere(
  { settings }: InventoryHost,
  missing: readonly string[],
  interfaces: readonly Interface[],
): CheckResult {
  const setting = asGiven(settings, 'fw_interface')
  const known = interfaces.filter(({ addresses }) => addresses.length > 0).map(({ name }) => name)
  return fail(
    `there is no interface ${missing.join(' or ')}; interfaces with an address: ${known.join(', ')}`,
    setting === 'fw_interface'
      ? 'Correct fw_interface, for that host or for all.'
      : `Correct ${setting}.`,
  )
}

/** Why packets do not come in by guarded interfaces that are there; undefined if they do. `carried`: their addresses. */
export function unfitInterfaces(
  about: Subject<ProtectIntent>,
  found: readonly Interface[],
  carried: readonly string[],
): CheckResult | undefined {
  const { settings } = about.host
  const setting = asGiven(settings, 'fw_interface')
  const down = found.flatMap(({ name, up }) => (up ? [] : [name]))
  if (down.length > 0) {
    return fail(
      `${down.join(' and ')} ${down.length === 1 ? 'is' : 'are'} down`,
      `Run \`${down.map((name) => `ip link set ${name} up`).join(' && ')}\` on that host. Or choose another ${setting}.`,
    )
  }
  if (settings.addresses.some((address) => carried.includes(address))) return undefined
  if (isRoutedTo(about)) return undefined
  return fail(
    `${found.map(({ name }) => name).join(' and ')} ${found.length === 1 ? 'has' : 'have'} ${carried.join(', ') || 'no address'}, ` +
      `but the inventory says ${settings.addresses.join(', ')}`,
    `Correct ${setting}, or the addresses of that host in the inventory.`,
  )
}

/**
 * Whether an address of the inventory is on loopback or a dummy, as on a host that speaks BGP with its routers: then packets to it
 * come in by the cards. Those by which the host reaches other nodes and leaves must all be guarded, and there must be one.
 */
function isRoutedTo({ host, facts, intent, peers }: Subject<ProtectIntent>): boolean {
  const { interfaces, routes } = intent.network
  const own = interfaces.filter(({ name }) => isOfHost(name)).flatMap((one) => one.addresses)
  const own6 = facts.ipv6.addresses.filter(({ device }) => isOfHost(device))
  const inner = [...own, ...own6.map(({ address }) => address)]
  const defaults = [...routes, ...facts.ipv6.routes].filter(
    ({ kind, cidr }) => kind === 'unicast' && ['0.0.0.0/0', '::/0'].includes(cidr),
  )
  const ways = [...routesToPeers(peers, routes), ...defaults]
  return (
    ways.length > 0 &&
    ways.every(({ device = '' }) => areMeant(intent.interfaces, device)) &&
    host.settings.addresses.some((address) => inner.includes(address))
  )
}

/**
 * Whether no outsider comes in by an interface: it is one of pods, or of the host itself and its containers. The programs that
 * make such interfaces let no outsider in by them.
 */
export function leadsNobodyIn(name: string): boolean {
  return isOfHost(name) || isOfContainers(name) || isOfPodSwitch(name) || leadsToPods(name)
}

/** Names of the kinds that `leadsNobodyIn` knows: a host may get such an interface at any time. */
export const innerExamples: readonly string[] = [...podInterfaceExamples, ...innerInterfaceExamples]

/**
 * Warns of interfaces by which outsiders may come in although they are not guarded. `bare`: those of them without an address;
 * `filterable`: those of these where rp_filter would stop all packets.
 */
export function alsoOpen(
  open: readonly string[],
  guarded: readonly string[],
  bare: readonly string[] = [],
  filterable: readonly string[] = [],
): CheckResult {
  const names = bare.join(', ')
  const strict = filterable.map((name) => `net/ipv4/conf/${name}/rp_filter=1`)
  const down = bare.map((name) => `\`ip link set ${name} down\``).join(', ')
  return warn(
    [
      `packets that come in by ${open.join(', ')} reach pods: only ${guarded.join(' and ')} ${guarded.length === 1 ? 'is' : 'are'} guarded`,
      ...(bare.length > 0
        ? [`Linux also forwards packets that come in by an interface without an address (${names})`]
        : []),
    ].join('. '),
    [
      `If outsiders can come in by ${open.join(', ')}, set fw_interface of that host to ${JSON.stringify([...guarded, ...open])}.`,
      ...(strict.length > 0
        ? [
            `Or run \`sysctl -w ${strict.join(' ')}\` on that host: then Linux drops all packets that come in by ${filterable.join(', ')}. ${keepSysctl}`,
          ]
        : []),
      ...(bare.length > 0 ? [`If nothing uses ${names}, not even a VLAN, run ${down}.`] : []),
    ].join(' '),
  )
}
