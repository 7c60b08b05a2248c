import type { Socket } from 'node:net'
import { maxUnreadBytes, maxUnwantedBytes } from '../../limits.ts'

/**
 * Ends a connection whose host sends much that nobody wants (banners, prompts, stderr, requests of its own), or does
 * not read what it makes us send: ssh2 would go on, and keep more and more in memory. To be told of the bytes that are
 * wanted.
 */
export function countTraffic(socket: Socket): (wanted: number) => void {
  let wanted = 0
  const check = () => {
    if (socket.bytesRead - wanted > maxUnwantedBytes) {
      socket.destroy(new Error('the host sent too much that was not asked for'))
    } else if (socket.writableLength > maxUnreadBytes) {
      socket.destroy(new Error('the host does not read what is sent to it'))
    }
  }
  // Only once it is connected: a listener for data would start the flow before ssh2 listens.
  socket.once('connect', () => socket.on('data', check))
  return (bytes) => {
    wanted += bytes
  }
}
