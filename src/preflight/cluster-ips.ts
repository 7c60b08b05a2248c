import { knownBits } from '../flow/bits.ts'
import { makePacket } from '../flow/packet.ts'
import { walk } from '../flow/walk.ts'
import { rulesOf } from '../iptables/ruleset.ts'
import type { ProtectIntent } from '../plan/intent.ts'
import { outsiderFor, podDestinations } from '../plan/sample-addresses.ts'
import { type ProtectionCheck, pass, type Subject, warn } from './check.ts'

/**
 * Whether neighbours reach services by their ClusterIP: kube-proxy marks such packets (0x4000) and KUBE-FORWARD accepts
 * them, long before any place where our rule could stand. Only told, because no rule of ours can mend it.
 */
export const clusterIpsClosed: ProtectionCheck = {
  title: 'services are closed by ClusterIP, too',
  judge(subject) {
    const open = openService(subject)
    if (!open) return pass
    return warn(
      `a neighbour who routes the service network to this node still reaches services, ${open} for one: kube-proxy marks its packets, and KUBE-FORWARD accepts them before our rule`,
      'Our rule guards pods by their own addresses only. Keep neighbours from routing the service network to nodes, for example on the router.',
    )
  },
}

function openService({ state, facts, intent }: Subject<ProtectIntent>): string | undefined {
  const [on] = intent.interfaces
  const [pod] = podDestinations(facts, intent.podCidrs)
  const service = rulesOf(state.ruleset, 'nat', 'KUBE-SERVICES').find(({ target }) =>
    target?.name.startsWith('KUBE-SVC-'),
  )
  const to = service?.matches.find((match) => match.kind === 'destination')
  if (!on || !pod || to?.kind !== 'destination') return undefined
  const address = to.cidr.replace(/\/32$/, '')
  const port = portOf(service?.words ?? [])
  const world = {
    sets: state.sets,
    localAddresses: facts.interfaces.flatMap(({ addresses }) => addresses),
  }
  const packet = makePacket({
    ...{
      in: on,
      out: pod.out,
      source: outsiderFor(facts, intent.members, on),
      destination: address,
    },
    ...{ protocol: 'tcp', tcpFlags: ['SYN'], sourcePort: 40000, destinationPort: port },
    ...{ state: 'NEW', direction: 'ORIGINAL', snat: false, dnat: false },
    ...{ mark: knownBits(0), connmark: knownBits(0) },
  })
  const translated = walk(state.ruleset, 'nat', 'KUBE-SERVICES', packet, world).outcomes.find(
    ({ verdict }) => verdict.kind === 'dnat',
  )
  if (!translated) return undefined
  const inside = {
    ...translated.packet,
    ...{ destination: pod.address, destinationPort: 8080, dnat: true },
    ...{ originalDestination: address, originalDestinationPort: port },
  }
  const { certain } = walk(state.ruleset, 'filter', 'FORWARD', inside, world)
  return certain?.kind === 'accept' ? `${address}:${port}` : undefined
}

function portOf(words: readonly string[]): number {
  return Number(words[words.indexOf('--dport') + 1]) || 443
}
