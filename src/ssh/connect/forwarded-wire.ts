import { Duplex } from 'node:stream'
import type { Client, ClientChannel } from 'ssh2'
import type { Wire } from './wire.ts'

/** A bastion's connection, as far as a wire through it needs it. */
export interface ForwardingConnection {
  readonly client: Pick<Client, 'forwardOut'>
  readonly lost: Promise<string>
  /** Says that so many bytes of the bastion were wanted. */
  readonly wanted: (bytes: number) => void
}

/**
 * Opens a TCP connection from the bastion to an address. It fails as a socket would: with the system's code for what the
 * bastion says. If the bastion goes, so does the wire, with `lostWords` and the reason.
 */
export function forwardWire(
  connection: ForwardingConnection,
  address: string,
  port: number,
  lostWords: string,
): Wire {
  return new ForwardedWire(connection, address, port, lostWords)
}

/** A wire that is lost from the beginning. */
export function lostWire(lostWords: string): Wire {
  return new ForwardedWire(undefined, '', 0, lostWords)
}

// What a packet costs besides its data, and more: the packets of many hosts come through one bastion.
const packetOverhead = 256

class ForwardedWire extends Duplex {
  connecting = true
  bytesRead = 0
  #channel: ClientChannel | undefined

  constructor(
    connection: ForwardingConnection | undefined,
    address: string,
    port: number,
    lostWords: string,
  ) {
    super({ allowHalfOpen: false })
    if (!connection) {
      this.destroy(new Error(lostWords))
      return
    }
    void connection.lost.then((reason) => {
      this.destroy(new Error(`${lostWords}: ${reason}`))
    })
    try {
      connection.client.forwardOut('127.0.0.1', 0, address, port, (error, channel) => {
        if (error) this.destroy(asSocketError(error))
        else this.#attach(channel, connection.wanted)
      })
    } catch {
      // It is gone; `lost` says why.
    }
  }

  #attach(channel: ClientChannel, wanted: (bytes: number) => void): void {
    if (this.destroyed) {
      channel.destroy()
      return
    }
    this.#channel = channel
    this.connecting = false
    channel.on('data', (chunk: Buffer) => {
      wanted(2 * chunk.length + packetOverhead)
      this.bytesRead += chunk.length
      if (!this.push(chunk)) channel.pause()
    })
    channel.on('error', (error: Error) => this.destroy(error))
    // When the bastion's connection goes, its channels end first: the reason comes a moment later.
    const later = (then: () => void) => () => setImmediate(then)
    channel.on(
      'end',
      later(() => this.destroyed || this.push(null)),
    )
    channel.on(
      'close',
      later(() => this.destroy()),
    )
    channel.pause()
    this.emit('connect')
    // Only now does ssh2 listen to the wire.
    setImmediate(() => channel.resume())
  }

  override _read(): void {
    this.#channel?.resume()
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#channel?.writable) this.#channel.write(chunk, done)
    else done(new Error('the connection through the bastion is closed'))
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#channel?.end()
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#channel?.destroy()
    done(error)
  }
}

/** Codes of our own for a bastion that may not forward, and for one that could not, without a known reason. */
export const forwardingDenied = 'fw-run-denied'
export const forwardingFailed = 'fw-run-failed'

function asSocketError(error: Error & { readonly reason?: unknown }): Error {
  const said = error.message.replace(/^\(SSH\) Channel open failure: /, '')
  return Object.assign(new Error(said), { code: codeOfRefusal(said, error.reason) })
}

/** The system's code, or one of ours, for what a bastion says, in the words of sshd and by the codes of RFC 4254, 5.1. */
export function codeOfRefusal(said: string, reason: unknown): string {
  if (/refused/i.test(said)) return 'ECONNREFUSED'
  if (/no route|unreachable|host is down/i.test(said)) return 'EHOSTUNREACH'
  if (/timed out/i.test(said)) return 'ETIMEDOUT'
  if (/not known|resolve/i.test(said)) return 'ENOTFOUND'
  const isDenied =
    reason === 1 || reason === 'ADMINISTRATIVELY_PROHIBITED' || /prohibited/i.test(said)
  return isDenied ? forwardingDenied : forwardingFailed
}
