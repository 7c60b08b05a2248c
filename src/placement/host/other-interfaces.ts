import { isOfHost } from '../../facts/inner-interface-names.ts'
import { devicesTowards } from '../../facts/routes.ts'
import { isNamed } from '../../flow/interface-name.ts'
import { formatAddress, parseAddress } from '../../ip/ipv4.ts'
import { parseRange, type Range } from '../../ip/ipv4-ranges.ts'
import type { Rule } from '../../iptables/rule.ts'
import { maxTriedOnInterface } from '../../limits.ts'
import { forwardingRules } from '../forwarding-rules.ts'
import { ownerOf } from '../rule-owner.ts'
import { bridgesOf } from './bridges.ts'
import type { HostModel } from './host-model.ts'
import { freeAddressIn } from './outsiders.ts'
import { tenthAddress } from './pods.ts'
import { inside } from './routing.ts'
import { servesPods } from './tunnels-at-work.ts'

/** An interface that is not guarded and does not lead to pods or containers: of a VPN, say, or of virtual machines. */
export interface OtherInterface {
  /** Ends in `+` if only a rule names it, by a prefix. */
  readonly name: string
  /** Some addresses behind it. */
  readonly addresses: readonly string[]
}

/**
 * The other interfaces of a host: those that are up and have an address or a route, and those that only rules name, as
 * `tun+` of a VPN without clients.
 */
export function otherInterfacesOf(model: HostModel): readonly OtherInterface[] {
  const { interfaces } = model.intent.network
  const bridges = bridgesOf(model).map(({ name }) => name)
  const isOther = (name: string): boolean =>
    ![...bridges, ...model.intent.interfaces].includes(name) &&
    !servesPods(model, name) &&
    !isOfHost(name)
  const present = interfaces
    .filter(({ name, up, master }) => up && master === undefined && isOther(name))
    .flatMap(({ name, addresses }) => {
      const behind = addressesBehind(model, name, addresses.length > 0)
      return behind.length > 0 ? [{ name, addresses: behind }] : []
    })
  const ports = interfaces.filter(({ master }) => master !== undefined)
  const seen = [...present, ...ports].map(({ name }) => name)
  const onlyInRules = namedByRules(model).filter(
    ({ name }) => isOther(name) && !seen.some((one) => isNamed(one, name)),
  )
  return [...present, ...onlyInRules]
}

/**
 * Addresses behind an interface by its routes: one of each kind of destination. There are none if all its routes lead to
 * pods. Without routes it is any address if the interface is in use: its routes may stand in another table.
 */
function addressesBehind(model: HostModel, device: string, inUse: boolean): readonly string[] {
  const routes = model.routes.filter(({ route }) => route.device === device)
  const networks = routes.filter((route) => !model.podNetworks.some((pods) => inside(route, pods)))
  if (networks.length === 0) return routes.length === 0 && inUse ? [unnamedAddress(model)] : []
  return networks
    .flatMap((network) => [
      network.route.cidr === '0.0.0.0/0'
        ? unnamedAddress(model)
        : (freeAddressIn(model, network) ?? formatAddress(network.first)),
      ...namedAddresses(model, network, device),
    ])
    .slice(0, maxTriedOnInterface)
}

/** Of each kind that rules name, one address of a network that leaves by a device; no pods and none of the host's own. */
function namedAddresses(model: HostModel, network: Range, device: string): readonly string[] {
  const { destinations } = model.withoutNat
  const found = new Map<string, string>()
  for (const { first, last } of destinations.rows) {
    const low = Math.max(first, network.first)
    const address = Math.min(low + 1, last, network.last)
    const kind = destinations.of(address)
    if (address < low || kind === '' || found.has(kind)) continue
    const one = { first: address, last: address }
    const ofPod = model.podNetworks.some((pods) => inside(one, pods))
    const text = formatAddress(address)
    const isOwn = model.world.localAddresses.includes(text)
    const devices = devicesTowards(text, model.intent.network.routes)
    if (!ofPod && !isOwn && devices.includes(device)) found.set(kind, text)
  }
  return [...found.values()]
}

/** A public address that no rule names as destination. */
export function unnamedAddress({ destinations }: HostModel): string {
  const free = ['198.51.100.80', '203.0.113.80', '192.0.2.80'].find(
    (address) => destinations.of(parseAddress(address) ?? 0) === '',
  )
  return free ?? '198.51.100.80'
}

/** The outgoing interfaces that rules of the administrator name, each with an address that these rules match. */
function namedByRules(model: HostModel): readonly OtherInterface[] {
  const found = new Map<string, string[]>()
  for (const rule of forwardingRules(model.ruleset, 'filter')) {
    // The name is enough: packets come to this rule, and what these programs write names their own devices.
    // Rules in DOCKER-USER are about docker.
    if (rule.chain === 'DOCKER-USER' || ownerOf(rule) !== undefined) continue
    const device = deviceOut(rule)
    if (device === undefined) continue
    const networks = rule.matches.flatMap((match) =>
      match.kind === 'destination' && !match.negated ? (parseRange(match.cidr) ?? []) : [],
    )
    const addresses =
      networks.length > 0
        ? networks.map((network) => formatAddress(tenthAddress(network)))
        : [unnamedAddress(model)]
    found.set(device, [...(found.get(device) ?? []), ...addresses].slice(0, maxTriedOnInterface))
  }
  return [...found].map(([name, addresses]) => ({ name, addresses }))
}

function deviceOut({ matches }: Rule): string | undefined {
  const match = matches.find(({ kind }) => kind === 'out')
  return match?.kind === 'out' && !match.negated ? match.interface : undefined
}
