import type { HostModel } from '../host/host-model.ts'
import { type Arriving, answered, atForward, type Flow, getsThrough } from './flow.ts'

/**
 * Answers to clients of published ports that nat sends out again by a guarded interface, as to a bare pod of another host.
 * Masqueraded or not, FORWARD sees them come from the pod for the client: what was masqueraded has its destination back by
 * then, and gets its source back later. They bear no mark, and no member of the set has sent them.
 */
export function returnFlows(
  model: HostModel,
  published: readonly Flow[],
  on: string,
): readonly Flow[] {
  const { intent } = model
  const known = answered(model)
  const answers = published.flatMap((flow): Arriving[] => {
    const { title, packet } = flow
    if (packet.state !== 'NEW' || !intent.interfaces.includes(packet.out ?? '')) return []
    if (!getsThrough(model, flow)) return []
    const answer: Arriving = {
      aim: 'keep',
      title: title.replace('client outside →', 'answer of another host → client of'),
      about: {
        ...{ ...known, dnat: true },
        ...{ in: packet.out, source: packet.destination, sourcePort: packet.destinationPort },
        ...{ out: on, destination: packet.source, destinationPort: packet.sourcePort },
        protocol: packet.protocol,
        ...(packet.protocol === 'tcp' ? { tcpFlags: ['SYN', 'ACK'] } : {}),
        originalDestination: packet.originalDestination,
        originalDestinationPort: packet.originalDestinationPort,
      },
      remedy: 'Set fw_published: allow, which lets answers pass our rule as well.',
      imagined: false,
    }
    return [answer]
  })
  return answers.flatMap((flow) => atForward(flow, model))
}
