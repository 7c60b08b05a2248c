import { fieldAt } from '../keys/field.ts'

/** The names of the algorithms that a host offers, in its order. */
export interface Offers {
  readonly keyExchanges: readonly string[]
  readonly hostKeys: readonly string[]
  readonly ciphers: readonly string[]
  readonly macs: readonly string[]
}

/** What a host sends before anything is encrypted. It keeps a bounded part of it, however much comes. */
export interface Opening {
  /** Takes the next bytes. */
  push(chunk: Buffer): void
  readonly hasBanner: () => boolean
  /** What came before the banner or instead of it, raw. */
  readonly greeting: () => string
  /** Whether so much came without a banner that none is awaited any more. */
  readonly isNotSsh: () => boolean
  /** Undefined until the host has said what it offers. */
  readonly offers: () => Offers | undefined
}

// A server may say other lines before its banner (RFC 4253, 4.2), but not for ever.
const maxGreeting = 8192
// The longest packet that ssh2 takes.
const maxPacket = 35_000

/** Starts with nothing received. */
export function startOpening(): Opening {
  let greeting = ''
  let hasBanner = false
  let packet = Buffer.alloc(0)
  let offers: Offers | undefined
  return {
    push(chunk) {
      let rest = chunk
      if (!hasBanner) {
        const seen = greeting + chunk.toString('latin1')
        const banner = /^SSH-[^\r\n]*\r?\n/m.exec(seen)
        greeting = seen.slice(0, Math.min(banner?.index ?? maxGreeting, maxGreeting))
        if (!banner) return
        hasBanner = true
        rest = Buffer.from(seen.slice(banner.index + banner[0].length), 'latin1')
      }
      if (offers || packet.length > maxPacket) return
      packet = Buffer.concat([packet, rest])
      offers = offersIn(packet)
    },
    hasBanner: () => hasBanner,
    greeting: () => greeting,
    isNotSsh: () => !hasBanner && greeting.length === maxGreeting,
    offers: () => offers,
  }
}

/** Reads the packet that opens the key exchange (RFC 4253, 7.1): its length, 18 bytes more, then lists of names. */
function offersIn(packet: Buffer): Offers | undefined {
  const lists: string[][] = []
  try {
    for (let at = 22; lists.length < 6; ) {
      const { bytes, end } = fieldAt(packet, at)
      lists.push(bytes.toString('latin1').split(','))
      at = end
    }
  } catch {
    return undefined
  }
  const [keyExchanges = [], hostKeys = [], ciphers = [], , macs = []] = lists
  return { keyExchanges, hostKeys, ciphers, macs }
}
