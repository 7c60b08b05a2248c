import { leadsToPods } from '../../facts/pod-devices.ts'
import { isNamed } from '../../flow/interface-name.ts'
import { formatAddress, parseAddress } from '../../ip/address.ts'
import { parseRange, type Range } from '../../ip/ranges.ts'
import type { Rule } from '../../iptables/rule.ts'
import { maxTriedOnInterface } from '../../limits.ts'
import { forwardingRules } from '../forwarding-rules.ts'
import { bridgesOf } from './bridges.ts'
import type { HostModel } from './host-model.ts'
import { freeIn } from './outsiders.ts'
import { tenth } from './pods.ts'
import { devicesTo, inside } from './routing.ts'

/** An interface that is neither guarded nor of pods or containers, as of a VPN or of virtual machines, and who is behind it. */
export interface Other {
  readonly name: string
  readonly addresses: readonly string[]
}

/** Interfaces whose addresses are the host's own, so that nothing goes out by them. */
const ownOnly = /^(lo$|kube-|nodelocaldns|dummy)/

/**
 * The interfaces of others: those that are up and have an address or a route, and those that only rules name, as `tun+` of
 * a VPN without clients.
 */
export function othersOf(model: HostModel): readonly Other[] {
  const { interfaces: known } = model.intent.network
  const bridges = bridgesOf(model).map(({ name }) => name)
  const isOther = (name: string): boolean =>
    ![...bridges, ...model.intent.interfaces].includes(name) &&
    !leadsToPods(name) &&
    !ownOnly.test(name)
  const there = known
    .filter(({ name, up, master }) => up && master === undefined && isOther(name))
    .flatMap(({ name, addresses }) => {
      const behind = addressesBehind(model, name, addresses.length > 0)
      return behind.length > 0 ? [{ name, addresses: behind }] : []
    })
  const ports = known.filter(({ master }) => master !== undefined)
  const told = [...there, ...ports].map(({ name }) => name)
  const named = namedOut(model).filter(
    ({ name }) => isOther(name) && !told.some((one) => isNamed(one, name)),
  )
  return [...there, ...named]
}

/** One address of each kind that rules tell apart, by the routes; none behind an interface of pods or without any use. */
function addressesBehind(model: HostModel, device: string, used: boolean): readonly string[] {
  const routes = model.routes.filter(({ route }) => route.device === device)
  const networks = routes.filter((route) => !model.podNetworks.some((pods) => inside(route, pods)))
  if (networks.length === 0) return routes.length === 0 && used ? [anybody(model)] : []
  return networks
    .flatMap((network) => [
      network.route.cidr === '0.0.0.0/0'
        ? anybody(model)
        : (freeIn(model, network) ?? formatAddress(network.first)),
      ...kindsWithin(model, network, device),
    ])
    .slice(0, maxTriedOnInterface)
}

/** An address of each kind in a network that leaves by its interface, pods and addresses of the host apart. */
function kindsWithin(model: HostModel, network: Range, device: string): readonly string[] {
  const { destinations } = model.filtered
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
    if (!ofPod && !isOwn && devicesTo(address, model.routes).includes(device)) {
      found.set(kind, text)
    }
  }
  return [...found.values()]
}

/** An address of which no rule knows. */
export function anybody({ destinations }: HostModel): string {
  const free = ['198.51.100.80', '203.0.113.80', '192.0.2.80'].find(
    (address) => destinations.of(parseAddress(address) ?? 0) === '',
  )
  return free ?? '198.51.100.80'
}

/** The interfaces that rules of others ask for on the way out, each with what those rules ask of addresses. */
function namedOut(model: HostModel): readonly Other[] {
  const found = new Map<string, string[]>()
  for (const rule of forwardingRules(model.ruleset, 'filter')) {
    if (/^(cali|KUBE|FLANNEL|WEAVE|DOCKER)/.test(rule.chain)) continue
    const device = deviceOut(rule)
    if (device === undefined) continue
    const asked = rule.matches.flatMap((match) =>
      match.kind === 'destination' && !match.negated ? (parseRange(match.cidr) ?? []) : [],
    )
    const addresses =
      asked.length > 0 ? asked.map((one) => formatAddress(tenth(one))) : [anybody(model)]
    found.set(device, [...(found.get(device) ?? []), ...addresses].slice(0, maxTriedOnInterface))
  }
  return [...found].map(([name, addresses]) => ({ name, addresses }))
}

function deviceOut({ matches }: Rule): string | undefined {
  const match = matches.find(({ kind }) => kind === 'out')
  return match?.kind === 'out' && !match.negated ? match.interface : undefined
}
