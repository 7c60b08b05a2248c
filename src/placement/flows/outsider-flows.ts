import type { InPieces } from '../../waiting/pieces.ts'
import type { HostModel } from '../host/host-model.ts'
import type { Outsider } from '../host/outsiders.ts'
import type { Pod } from '../host/pods.ts'
import { type Arriving, atForward, type Flow, fresh, requests } from './flow.ts'
import { outsiderPairs } from './outsider-pairs.ts'

/**
 * What our rule must stop: first packets from outsiders on one interface to pods. Their ports are left open, because an
 * outsider can choose them: a rule that accepts any port counts. A packet that nat sends elsewhere is not among them: it
 * is for a published port.
 */
export function* outsiderFlows(
  model: HostModel,
  outsiders: readonly Outsider[],
  pods: readonly Pod[],
  on: string,
): InPieces<readonly Flow[]> {
  const packets = Object.entries(packetsOf(model))
  const found: Flow[] = []
  for (const [outsider, pod] of outsiderPairs(model, outsiders, pods, on)) {
    yield
    const { address: source, onSubnet } = outsider
    const { address: destination, out, here } = pod
    for (const [name, packet] of packets) {
      const arriving: Arriving = {
        aim: 'stop',
        title: `${onSubnet ? 'outsider' : 'outsider behind a router'} → pod ${here ? 'here' : 'on another host'}, ${name}`,
        about: { ...fresh, in: on, out, source, destination, ...packet },
        remedy: '',
        invented: false,
      }
      found.push(...atForward(arriving, model).filter((flow) => flow.packet.dnat !== true))
    }
  }
  return found
}

/** A first packet of each common protocol, and of each other protocol that a rule names. */
function packetsOf({ protocols }: HostModel): Readonly<Record<string, Arriving['about']>> {
  const others = [...protocols].filter((number) => !common.has(number))
  return {
    ...requests,
    SCTP: { protocol: 'sctp' },
    ...Object.fromEntries(
      others.map((number) => [`protocol ${number}`, { protocol: `${number}` }]),
    ),
  }
}

/** Those that `packetsOf` always has (ICMP, TCP, UDP and SCTP), and 0, which means all protocols. */
const common: ReadonlySet<number> = new Set([0, 1, 6, 17, 132])
