import { eitherPacket, type Packet } from '../packet.ts'
import { eitherWorld, type World } from '../world.ts'

/** A packet as it is at one rule, and what is known of the host there. Rules before may have changed both. */
export interface PacketState {
  readonly packet: Packet
  readonly world: World
}

/** What is known of a packet that is in one of two states. Undefined: the packet cannot be there. */
export function eitherState(
  a: PacketState | undefined,
  b: PacketState | undefined,
): PacketState | undefined {
  if (!a || !b || a === b) return a ?? b
  const [packet, world] = [eitherPacket(a.packet, b.packet), eitherWorld(a.world, b.world)]
  return packet === a.packet && world === a.world ? a : { packet, world }
}
