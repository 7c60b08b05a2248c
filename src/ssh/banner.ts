import { connect as dial } from 'node:net'
import { printable } from './printable.ts'

/**
 * Asks by a new connection whether sshd still answers there: resolves with its banner, such as
 * `SSH-2.0-OpenSSH_9.2`, or with undefined when none comes in time. Never throws.
 */
export function readBanner(
  address: string,
  port: number,
  timeoutSeconds: number,
): Promise<string | undefined> {
  const socket = dial({ host: address, port, noDelay: true })
  let text = ''
  return new Promise((resolve) => {
    const settle = (banner: string | undefined) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(banner)
    }
    const timer = setTimeout(settle, timeoutSeconds * 1000, undefined)
    socket.on('error', () => settle(undefined))
    socket.on('close', () => settle(undefined))
    socket.on('data', (chunk: Buffer) => {
      // A server may say other things first (RFC 4253, 4.2), but not for ever.
      text = (text + chunk.toString('latin1')).slice(0, 8192)
      const banner = /^SSH-.*(?=\r?\n)/m.exec(text)?.[0]
      if (banner || text.length === 8192) settle(banner && printable(banner))
    })
  })
}
