import type { Packet } from '../../flow/packet.ts'
import { firstIndex } from '../../ip/first-index.ts'
import { parseAddress } from '../../ip/ipv4.ts'
import { onceFor } from '../../memory/once-for.ts'
import { doubtRemedy } from '../conflicts/doubt-remedy.ts'
import { bridgesOf } from '../host/bridges.ts'
import type { HostModel } from '../host/host-model.ts'
import type { Outsider } from '../host/outsiders.ts'
import type { Pod } from '../host/pods.ts'
import { keepRules } from '../keep-rules.ts'
import {
  type Arriving,
  atForward,
  type Flow,
  fresh,
  getsThrough,
  replies,
  replying,
  requests,
  syn,
} from './flow.ts'
import { pairs } from './pairs.ts'

/**
 * What must keep working, except requests to published ports: node to pod, pod to pod, pod to outsider, and replies to
 * pods and containers. Replies to containers count only if they get through today, because nobody knows whether a bridge
 * has containers. If no pod runs on this host, one is invented.
 */
export function legitimateFlows(
  model: HostModel,
  outsiders: readonly Outsider[],
  pods: readonly Pod[],
  on: string,
): readonly Flow[] {
  const local = localPods(pods)
  const reply = { ...replying(model), in: on }
  const each = <A, B>(first: readonly A[], second: readonly B[]) =>
    pairs(first, second, model.maxPairs)
  const ofPods = [
    ...each(outsiders, local).flatMap(([{ address: source }, pod]) =>
      replies.map((packet) =>
        keep(
          'reply from outsider → pod here',
          { ...reply, ...packet, source, ...to(pod) },
          allowReplies,
          pod,
        ),
      ),
    ),
    ...local.map((pod) =>
      keep(
        'pod here → outsider',
        {
          ...{ ...fresh, ...syn, destinationPort: 443, in: pod.out, source: pod.address },
          ...{ out: on, destination: outsiders[0]?.address },
        },
        '',
        pod,
      ),
    ),
  ]
  const containers = bridgesOf(model).flatMap(({ name, containers }) =>
    containers.map((container) => ({ name, container })),
  )
  const ofContainers = each(outsiders, containers).flatMap(
    ([{ address: source }, { name, container }]) =>
      replies.map((packet) =>
        keep(
          'reply from outsider → container',
          { ...reply, ...packet, source, out: name, destination: container },
          allowReplies,
        ),
      ),
  )
  return [
    ...requestsToPods(model, pods, on),
    ...ofPods.flatMap((flow) => atForward(flow, model)),
    ...ofContainers
      .flatMap((flow) => atForward(flow, model))
      .filter((flow) => getsThrough(model, flow)),
  ]
}

/** First packets to pods here, from nodes and from pods of other hosts. */
export function requestsToPods(
  model: HostModel,
  pods: readonly Pod[],
  on: string,
): readonly Flow[] {
  const local = localPods(pods)
  const remote = pods.filter((pod) => !pod.here)
  const request = { ...fresh, ...syn, in: on, destinationPort: 8080 }
  const wireguard = wireguardOf(model)
  return [
    ...pairs(nodesOf(model), local, model.maxPairs).map(([source, pod]) =>
      keep(
        'node → pod here',
        { ...request, source, ...to(pod) },
        doubtRemedy(model.intent.set),
        pod,
      ),
    ),
    ...pairs(remote, local, model.maxPairs).flatMap(([from, pod]) =>
      requestsFrom(from, on).map((packet) =>
        keep(
          `pod on another host${wireguard && from.out === on ? ' without WireGuard' : ''} → pod here, via ${from.out}`,
          { ...fresh, ...packet, in: from.out, source: from.address, ...to(pod) },
          wireguard === undefined ? acceptPods(model) : encapsulate(wireguard),
          pod,
        ),
      ),
    ),
  ].flatMap((flow) => atForward(flow, model))
}

/** The pods of this host that exist; those that are invented, if none exists. */
function localPods(pods: readonly Pod[]): readonly Pod[] {
  const here = pods.filter((pod) => pod.here)
  const real = here.filter((pod) => pod.real)
  return real.length > 0 ? real : here
}

/** That rule must stand behind the jump to Calico's chains, or pods would get around their network policies. */
function acceptPods({ intent }: HostModel): string {
  const below =
    '$(iptables -nL FORWARD --line-numbers | awk \'$2 == "cali-FORWARD" { print $1 + 1; exit }\')'
  return `Packets from pods arrive on the guarded interface without a tunnel. Use a tunnel between nodes. Or accept packets from pods right below the jump to cali-FORWARD: run \`iptables -I FORWARD ${below} -s ${intent.podCidrs.join(',')} -j ACCEPT\` on that host. ${keepRules}`
}

/**
 * WireGuard of Calico, if it is at work. Its routes are in a table of its own, so those of the main table count only for hosts
 * without it (felix/wireguard). Which hosts these are, nothing here says.
 */
function wireguardOf({ intent }: HostModel): string | undefined {
  return intent.network.interfaces.find(({ name, up }) => up && name === 'wireguard.cali')?.name
}

function encapsulate(wireguard: string): string {
  return `Calico uses WireGuard on that host (${wireguard}). fw-run does not see which other hosts use it. Packets from pods of hosts without WireGuard would arrive without a tunnel, and the rule of fw-run would stop them. Set vxlanMode or ipipMode of the IP pools of Calico to Always: then these packets use a tunnel.`
}

const allowReplies = 'Set fw_published: allow. Then the rule of fw-run lets replies pass.'

/**
 * A pod that arrives bare (without a tunnel) comes in by the guarded interface, so every protocol matters. Our rule never
 * matches one from a tunnel, so one protocol is enough.
 */
function requestsFrom(pod: Pod, on: string): readonly Partial<Packet>[] {
  return pod.out === on ? Object.values(requests) : [requests.TCP]
}

/** The members of the set on other hosts: one of each kind of source. Of thousands of members that rules treat alike, few are looked at. */
function nodesOf({ intent, world, sources }: HostModel): readonly string[] {
  const members = ascending(intent.members)
  const found = new Map<string, string>()
  for (let at = 0; ; ) {
    const member = members[at]
    if (!member) return [...found.values()]
    const kind = sources.of(member.address)
    const isOwn = world.localAddresses.includes(member.text)
    if (!found.has(kind) && !isOwn) found.set(kind, member.text)
    const end = sources.rowEnd(member.address)
    at = isOwn ? at + 1 : firstIndex(members.length, (i) => (members[i]?.address ?? 0) > end)
  }
}

const ascending = onceFor((members: readonly string[]) =>
  members
    .flatMap((text) => {
      const address = parseAddress(text)
      return address === undefined ? [] : { address, text }
    })
    .sort((a, b) => a.address - b.address),
)

function to({ address, out }: Pod): Partial<Packet> {
  return { destination: address, out }
}

function keep(title: string, about: Partial<Packet>, remedy: string, pod?: Pod): Arriving {
  return { aim: 'keep', title, about, remedy, invented: pod?.real === false }
}
