import { isDockerBridge, isGuestBridge } from '../../facts/guest-interface-names.ts'
import type { Interface } from '../../facts/interfaces.ts'
import { formatAddress, parseAddress } from '../../ip/ipv4.ts'
import { parseRange, type Range } from '../../ip/ipv4-ranges.ts'
import type { Rule } from '../../iptables/rule.ts'
import { rulesOf } from '../../iptables/ruleset.ts'
import type { HostModel } from './host-model.ts'
import { tenthAddress } from './pods.ts'
import { inside } from './routing.ts'

/** A bridge of containers that are not pods. */
export interface Bridge {
  readonly name: string
  /** Addresses of containers behind it: one of each kind of destination. */
  readonly containers: readonly string[]
}

/*
 * For bridges a name is enough, although docker may be gone: replies to their containers count only if they get through
 * today, so a leftover bridge can refuse a position, but never hide a packet.
 */

/**
 * How network cards, bonds and VLANs are named. No container is behind these. The name is enough: what is no bridge is one of the
 * other interfaces, so its packets are walked, too.
 */
const uplink = /^((eth|bond|team)\d|en([a-zP]\d|x[\da-f]))|\./

/** How tunnels and VPNs are named. */
const tunnel = /^(tun|tap|wg|wireguard|ppp|tailscale)/

/** The chains that docker fills itself. DOCKER-USER is not among them: it belongs to the administrator. */
const dockerChain = /^DOCKER(-(BRIDGE|CT|FORWARD|INGRESS|INTERNAL|ISOLATION(-STAGE-[12])?))?$/

/**
 * The bridges of docker, and of programs that work like it. Their name is one that docker or compose gives, or
 * docker's own rules name them, or their network is masqueraded (`-s NETWORK ! -o BRIDGE`).
 */
export function bridgesOf(model: HostModel): readonly Bridge[] {
  const { interfaces } = model.intent.network
  const masqueraded = rulesOf(model.ruleset, 'nat', 'POSTROUTING').flatMap(masqueradedNetwork)
  const names = [
    ...interfaces.map(({ name }) => name).filter((name) => isDockerBridge(name)),
    ...masqueraded.map(({ name }) => name).filter((name) => isBridge(name, interfaces)),
    ...model.rules.filter(({ chain }) => dockerChain.test(chain)).flatMap(devicesOut),
  ].filter((name) => !uplink.test(name) && !tunnel.test(name))
  return [...new Set(names)].flatMap((name) => {
    const routed = model.routes.find(
      ({ first, last, route: { device, via } }) => device === name && !via && last > first,
    )
    const cidr = masqueraded.find((one) => one.name === name)?.cidr
    const network = routed ?? (cidr === undefined ? undefined : parseRange(cidr))
    const own = parseAddress(interfaces.find((one) => one.name === name)?.addresses[0] ?? '')
    if (model.intent.interfaces.includes(name)) return []
    if (network && model.podNetworks.some((pods) => inside(network, pods))) return []
    // If the size of the network is not known, take the address after the bridge's own.
    if (!network) return own === undefined ? [] : [{ name, containers: [formatAddress(own + 1)] }]
    return [{ name, containers: containersIn(model, network) }]
  })
}

/** One address of each kind of destination in a network, none of the host's own. */
function containersIn({ withoutNat, world }: HostModel, network: Range): readonly string[] {
  const { rows, of } = withoutNat.destinations
  const inRows = rows
    .filter(({ first, last }) => first < network.last && last > network.first)
    .map(({ first, last }) => Math.min(Math.max(first, network.first) + 1, last, network.last))
  const found = new Map<string, string>()
  for (const address of [tenthAddress(network), ...inRows]) {
    const text = formatAddress(address)
    const kind = of(address)
    if (!found.has(kind) && !world.localAddresses.includes(text)) found.set(kind, text)
  }
  return [...found.values()]
}

/** Whether a device is a bridge of containers: by its name, or because it has ports and none of them is an uplink. */
function isBridge(name: string, interfaces: readonly Interface[]): boolean {
  if (isDockerBridge(name)) return true
  const ports = interfaces.filter(({ master }) => master === name)
  const known = ports.length > 0 || isGuestBridge(name)
  return known && !ports.some((port) => uplink.test(port.name))
}

function devicesOut({ matches }: Rule): readonly string[] {
  return matches.flatMap((match) =>
    match.kind === 'out' && !match.negated ? [match.interface] : [],
  )
}

/** The network that a rule `-s NETWORK ! -o BRIDGE -j MASQUERADE` hides, and the name of its bridge. */
function masqueradedNetwork({
  matches,
  target,
}: Rule): readonly { readonly name: string; readonly cidr: string }[] {
  const from = matches.find((match) => match.kind === 'source')
  const by = matches.find((match) => match.kind === 'out')
  if (target?.name !== 'MASQUERADE' || from?.kind !== 'source' || by?.kind !== 'out') return []
  return by.negated && !from.negated ? [{ name: by.interface, cidr: from.cidr }] : []
}
