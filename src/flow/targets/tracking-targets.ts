import type { Target } from '../../iptables/rule.ts'
import type { Packet } from '../packet.ts'

/**
 * The packet after CT or NOTRACK. Only the first of them counts: it attaches a template, or keeps the packet from conntrack,
 * and the next one does nothing (net/netfilter/xt_CT.c). Which state rules of raw see with a template is not known.
 */
export function decideTracking(packet: Packet, target: Target): Packet {
  if (packet.state !== 'INVALID') return packet
  return { ...packet, state: untracks(target) ? 'UNTRACKED' : undefined }
}

/** Whether a target decides if the packet is tracked. */
export function decidesTracking(target: Target | undefined): boolean {
  return target?.name === 'CT' || target?.name === 'NOTRACK'
}

/** Whether a target keeps the packet from conntrack. */
export function untracks(target: Target | undefined): boolean {
  if (target?.name === 'NOTRACK') return true
  return target?.name === 'CT' && target.options.some(({ name }) => name === 'notrack')
}
