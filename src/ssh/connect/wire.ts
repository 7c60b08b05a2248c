import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { addressAttemptMs } from '../../limits.ts'
import type { HostAccess } from '../host-access.ts'

/** What carries a connection: TCP, or a channel through a bastion. It emits `connect` once it is there. */
export type Wire = Duplex & Pick<Socket, 'bytesRead' | 'connecting'>

/** Dials a host, through its bastion if it has one; that must be ready. */
export function dial({ address, port, family, via }: HostAccess): Wire {
  if (via) return via.dial(address, port)
  return gatherWrites(
    connect({
      host: address,
      port,
      ...(family && { family }),
      noDelay: true,
      autoSelectFamilyAttemptTimeout: addressAttemptMs,
    }),
  )
}

/**
 * Sends in one piece what is written in one turn of the event loop: ssh2 writes each packet as length, content and tag, and
 * each piece would travel alone and wake the host.
 */
function gatherWrites(socket: Socket): Socket {
  const { write } = socket
  return Object.assign(socket, {
    write(...words: readonly unknown[]): boolean {
      if (socket.writableCorked === 0) {
        socket.cork()
        process.nextTick(() => socket.uncork())
      }
      return Reflect.apply(write, socket, words)
    },
  })
}
