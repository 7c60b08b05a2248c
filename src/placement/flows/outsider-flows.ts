import type { HostModel } from '../host/host-model.ts'
import type { Outsider } from '../host/outsiders.ts'
import type { Pod } from '../host/pods.ts'
import { type Arriving, atForward, type Flow, fresh, requests } from './flow.ts'
import { outsiderPairs } from './outsider-pairs.ts'

/**
 * What must be stopped: outsiders who come in at an interface for a pod. They may choose their ports, so these are left
 * open: a rule that lets one in counts. What nat sends elsewhere is a published port, and judged as such.
 */
export function outsiderFlows(
  model: HostModel,
  outsiders: readonly Outsider[],
  pods: readonly Pod[],
  on: string,
): readonly Flow[] {
  const kinds = Object.entries(packetsOf(model))
  return outsiderPairs(model, outsiders, pods, on)
    .flatMap(([{ address: source, near }, { address: destination, out, here }]) =>
      kinds.map(
        ([name, packet]): Arriving => ({
          aim: 'stop',
          title: `${near ? 'neighbour' : 'routed outsider'} → a pod ${here ? 'here' : 'on another host'}, ${name}`,
          about: { ...fresh, in: on, out, source, destination, ...packet },
          remedy: '',
          imagined: false,
        }),
      ),
    )
    .flatMap((flow) => atForward(flow, model))
    .filter(({ packet }) => packet.dnat !== true)
}

/** A first packet of each protocol that matters, and of each that a rule names. */
function packetsOf({ protocols }: HostModel): Readonly<Record<string, Arriving['about']>> {
  const others = [...protocols].filter((number) => !usual.includes(number))
  return {
    ...requests,
    SCTP: { protocol: 'sctp' },
    ...Object.fromEntries(
      others.map((number) => [`protocol ${number}`, { protocol: `${number}` }]),
    ),
  }
}

/** All of them, and those that packetsOf makes: ICMP, TCP, UDP and SCTP. */
const usual = [0, 1, 6, 17, 132]
