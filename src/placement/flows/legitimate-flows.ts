import type { Packet } from '../../flow/packet.ts'
import { parseAddress } from '../../ip/address.ts'
import { bridgesOf } from '../host/bridges.ts'
import type { HostModel } from '../host/host-model.ts'
import type { Outsider } from '../host/outsiders.ts'
import type { Pod } from '../host/pods.ts'
import {
  type Arriving,
  answered,
  answers,
  atForward,
  type Flow,
  fresh,
  getsThrough,
  requests,
  syn,
} from './flow.ts'
import { pairs } from './pairs.ts'

/**
 * What must stay as it is, requests to published ports apart: what nodes and other pods send to the pods of this host, what
 * those send out and get back, and what comes back to containers of docker, if it gets there now, and, of published ports,
 * from other hosts. Where no pod is on this host, for one imagined.
 */
export function legitimateFlows(
  model: HostModel,
  outsiders: readonly Outsider[],
  pods: readonly Pod[],
  on: string,
): readonly Flow[] {
  const here = pods.filter((pod) => pod.here)
  const real = here.filter((pod) => pod.real)
  const local = real.length > 0 ? real : here
  const remote = pods.filter((pod) => !pod.here)
  const answer = { ...answered(model), in: on }
  const request = { ...fresh, ...syn }
  const each = <A, B>(some: readonly A[], others: readonly B[]): readonly (readonly [A, B])[] =>
    pairs(some, others, model.mostPairs)
  const ofPods = [
    ...each(nodesOf(model), local).map(([source, pod]) =>
      keep(
        'node → pod here',
        { ...request, in: on, source, destinationPort: 8080, ...to(pod) },
        addNode,
        pod,
      ),
    ),
    ...each(remote, local).flatMap(([from, pod]) =>
      requestsFrom(from, on).map((packet) =>
        keep(
          `pod of another host → pod here, by ${from.out}`,
          { ...fresh, ...packet, in: from.out, source: from.address, ...to(pod) },
          accept,
          pod,
        ),
      ),
    ),
    ...each(outsiders, local).flatMap(([{ address: source }, pod]) =>
      answers.map((packet) =>
        keep(
          'answer from outside → pod here',
          { ...answer, ...packet, source, ...to(pod) },
          allow,
          pod,
        ),
      ),
    ),
    ...local.map((pod) =>
      keep(
        'pod here → outside',
        {
          ...{ ...request, destinationPort: 443, in: pod.out, source: pod.address },
          ...{ out: on, destination: outsiders[0]?.address },
        },
        '',
        pod,
      ),
    ),
  ]
  const ofContainers = each(outsiders, bridgesOf(model)).flatMap(
    ([{ address: source }, { name, container }]) =>
      answers.map((packet) =>
        keep(
          'answer from outside → container of docker',
          { ...answer, ...packet, source, out: name, destination: container },
          allow,
        ),
      ),
  )
  return [
    ...ofPods.flatMap((flow) => atForward(flow, model)),
    // Of a bridge nobody knows whether there are containers behind it that still get anything.
    ...ofContainers
      .flatMap((flow) => atForward(flow, model))
      .filter((flow) => getsThrough(model, flow)),
  ]
}

const addNode = 'Add the address to the inventory, or to fw_extra_members.'
const accept =
  'Pods arrive bare on that interface: accept the pod network as source before (flannel does), or use a tunnel.'
const allow = 'Set fw_published: allow, which lets answers pass our rule as well.'

/** Where a pod's packets come in bare, each protocol matters; out of a tunnel, our rule asks for none. */
function requestsFrom(pod: Pod, on: string): readonly Partial<Packet>[] {
  return pod.out === on ? Object.values(requests) : [requests.TCP]
}

/** Nodes speak to pods from the addresses of the set: one of each kind that rules tell apart. */
function nodesOf({ intent, world, sources }: HostModel): readonly string[] {
  const others = intent.members.filter((member) => !world.localAddresses.includes(member))
  const kinds = others.map((member) => [sources.of(parseAddress(member) ?? 0), member] as const)
  return [...new Map(kinds.reverse()).values()].reverse()
}

function to({ address, out }: Pod): Partial<Packet> {
  return { destination: address, out }
}

function keep(title: string, about: Partial<Packet>, remedy: string, pod?: Pod): Arriving {
  return { aim: 'keep', title, about, remedy, imagined: pod?.real === false }
}
