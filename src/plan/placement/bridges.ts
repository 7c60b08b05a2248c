import { formatAddress, parseAddress, parseRange } from '../../flow/addresses.ts'
import type { Rule } from '../../iptables/rule.ts'
import { rulesOf } from '../../iptables/ruleset.ts'
import { tenth } from './pods.ts'
import { inside } from './routing.ts'
import type { Terrain } from './terrain.ts'

/** A bridge of containers that are no pods, and the address of a container behind it. */
export interface Bridge {
  readonly name: string
  readonly container: string
}

/**
 * The bridges of docker and its like: those named as docker and compose name them, those that docker's rules name, and those
 * whose network is masqueraded (`-s NETWORK ! -o BRIDGE`).
 */
export function bridgesOf(terrain: Terrain): readonly Bridge[] {
  const { interfaces: known } = terrain.intent.network
  const hidden = rulesOf(terrain.ruleset, 'nat', 'POSTROUTING').flatMap(hiddenBridge)
  const names = [
    ...known.map(({ name }) => name).filter((name) => /^(docker0|br-[0-9a-f]{12})$/.test(name)),
    ...hidden.map(({ name }) => name),
    ...terrain.rules.filter(({ chain }) => chain.startsWith('DOCKER')).flatMap(devicesOut),
  ]
  return [...new Set(names)].flatMap((name) => {
    const routed = terrain.routes.find(
      ({ first, last, route: { device, via } }) => device === name && !via && last > first,
    )
    const told = hidden.find((one) => one.name === name)
    const network = routed ?? (told && parseRange(told.network))
    const gateway = parseAddress(known.find((one) => one.name === name)?.addresses[0] ?? '')
    if (terrain.intent.interfaces.includes(name)) return []
    if (network && terrain.podNetworks.some((pods) => inside(network, pods))) return []
    // Where nobody tells how large the network is, its first container follows the bridge.
    const container = network ? tenth(network) : gateway && gateway + 1
    return container === undefined ? [] : [{ name, container: formatAddress(container) }]
  })
}

function devicesOut({ matches }: Rule): readonly string[] {
  return matches.flatMap((match) => (match.kind === 'out' ? [match.interface] : []))
}

function hiddenBridge({ matches, target }: Rule): readonly { name: string; network: string }[] {
  const from = matches.find((match) => match.kind === 'source')
  const by = matches.find((match) => match.kind === 'out')
  if (target?.name !== 'MASQUERADE' || from?.kind !== 'source' || by?.kind !== 'out') return []
  return by.negated && !from.negated ? [{ name: by.interface, network: from.cidr }] : []
}
