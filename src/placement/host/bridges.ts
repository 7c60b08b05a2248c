import type { Interface } from '../../facts/interfaces.ts'
import { formatAddress, parseAddress } from '../../ip/address.ts'
import { parseRange } from '../../ip/ranges.ts'
import type { Rule } from '../../iptables/rule.ts'
import { rulesOf } from '../../iptables/ruleset.ts'
import type { HostModel } from './host-model.ts'
import { tenth } from './pods.ts'
import { inside } from './routing.ts'

/** A bridge of containers that are no pods, and the address of a container behind it. */
export interface Bridge {
  readonly name: string
  readonly container: string
}

/** How docker and compose name their bridges. */
const ofDocker = /^(docker0|docker_gwbridge|br-[0-9a-f]{12})$/

/** How libvirt, LXD, LXC, Incus and podman name theirs. */
const ofOthers = /^(virbr|lxdbr|lxcbr|incusbr|podman|cni-podman)\d+$/

/** How network cards, bonds and VLANs are named: whoever is behind one is no container. */
const uplink = /^((eth|bond|team)\d|en([a-zP]\d|x[\da-f]))|\./

/** How tunnels and VPNs are named. */
const tunnel = /^(tun|tap|wg|ppp|tailscale)/

/** The chains of docker that it fills itself; DOCKER-USER is the administrator's. */
const dockerChain = /^DOCKER(-(BRIDGE|CT|FORWARD|INGRESS|INTERNAL|ISOLATION(-STAGE-[12])?))?$/

/**
 * The bridges of docker and its like: those named as docker and compose name them, those that docker's own rules name, and
 * those whose network is masqueraded (`-s NETWORK ! -o BRIDGE`), if they are known for bridges.
 */
export function bridgesOf(model: HostModel): readonly Bridge[] {
  const { interfaces: known } = model.intent.network
  const hidden = rulesOf(model.ruleset, 'nat', 'POSTROUTING').flatMap(hiddenBridge)
  const names = [
    ...known.map(({ name }) => name).filter((name) => ofDocker.test(name)),
    ...hidden.map(({ name }) => name).filter((name) => isBridge(name, known)),
    ...model.rules.filter(({ chain }) => dockerChain.test(chain)).flatMap(devicesOut),
  ].filter((name) => !uplink.test(name) && !tunnel.test(name))
  return [...new Set(names)].flatMap((name) => {
    const routed = model.routes.find(
      ({ first, last, route: { device, via } }) => device === name && !via && last > first,
    )
    const told = hidden.find((one) => one.name === name)
    const network = routed ?? (told && parseRange(told.network))
    const gateway = parseAddress(known.find((one) => one.name === name)?.addresses[0] ?? '')
    if (model.intent.interfaces.includes(name)) return []
    if (network && model.podNetworks.some((pods) => inside(network, pods))) return []
    // Where nobody tells how large the network is, its first container follows the bridge.
    const container = network ? tenth(network) : gateway && gateway + 1
    return container === undefined ? [] : [{ name, container: formatAddress(container) }]
  })
}

/** Whether a device is known for a bridge: by its name, or by its ports, of which an uplink would lead to neighbours. */
function isBridge(name: string, known: readonly Interface[]): boolean {
  if (ofDocker.test(name)) return true
  const ports = known.filter(({ master }) => master === name)
  return !ports.some((port) => uplink.test(port.name)) && (ports.length > 0 || ofOthers.test(name))
}

function devicesOut({ matches }: Rule): readonly string[] {
  return matches.flatMap((match) =>
    match.kind === 'out' && !match.negated ? [match.interface] : [],
  )
}

function hiddenBridge({ matches, target }: Rule): readonly { name: string; network: string }[] {
  const from = matches.find((match) => match.kind === 'source')
  const by = matches.find((match) => match.kind === 'out')
  if (target?.name !== 'MASQUERADE' || from?.kind !== 'source' || by?.kind !== 'out') return []
  return by.negated && !from.negated ? [{ name: by.interface, network: from.cidr }] : []
}
