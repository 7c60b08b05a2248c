import type { HostModel } from '../host/host-model.ts'
import { type Arriving, atForward, type Flow, getsThrough, replying } from './flow.ts'

/**
 * Replies to clients of published ports. nat has sent the request out again by a guarded interface, for example to a bare
 * pod of another host. Our rule must let these replies pass.
 *
 * Masqueraded or not, FORWARD sees them go from the pod to the client: nat has restored the destination already, and
 * restores the source later. They carry no mark, and their source is not in the set.
 */
export function publishedReplies(
  model: HostModel,
  published: readonly Flow[],
  on: string,
): readonly Flow[] {
  const { intent } = model
  const reply = replying(model)
  const arriving = published.flatMap((flow): Arriving[] => {
    const { port, packet } = flow
    if (packet.state !== 'NEW' || !intent.interfaces.includes(packet.out ?? '')) return []
    if (!getsThrough(model, flow)) return []
    return [
      {
        aim: 'keep',
        title: `pod on another host → outsider, reply from published port ${port}`,
        ...(port !== undefined && { port }),
        about: {
          ...{ ...reply, dnat: true },
          ...{ in: packet.out, source: packet.destination, sourcePort: packet.destinationPort },
          ...{ out: on, destination: packet.source, destinationPort: packet.sourcePort },
          protocol: packet.protocol,
          ...(packet.protocol === 'tcp' ? { tcpFlags: ['SYN', 'ACK'] } : {}),
          originalDestination: packet.originalDestination,
          originalDestinationPort: packet.originalDestinationPort,
        },
        remedy: 'Set fw_published: allow. Then the rule of fw-run lets replies pass.',
        invented: false,
      },
    ]
  })
  return arriving.flatMap((flow) => atForward(flow, model))
}
