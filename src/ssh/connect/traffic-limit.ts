import { maxUnwantedBytes } from '../../limits.ts'
import type { Wire } from './wire.ts'

/**
 * Ends a connection whose host sends much that nobody wants: banners, prompts, stderr, requests of its own. ssh2 would
 * go on, and keep more and more in memory. Report the bytes that are wanted to the function that it returns.
 */
export function limitTraffic(socket: Wire): (wanted: number) => void {
  let wanted = 0
  const check = () => {
    if (socket.bytesRead - wanted > maxUnwantedBytes) {
      socket.destroy(new Error('the host sent too much data that fw-run did not ask for'))
    }
  }
  // Only once it is connected: a listener for data would start the flow before ssh2 listens.
  socket.once('connect', () => socket.on('data', check))
  return (bytes) => {
    wanted += bytes
  }
}
