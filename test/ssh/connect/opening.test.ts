import { describe, expect, it } from 'vitest'
import { startOpening } from '../../../src/ssh/connect/opening.ts'
import { field } from '../../../src/ssh/keys/field.ts'

const lists = ['curve25519-sha256,x', 'ssh-ed25519', 'aes1,aes2', 'aes3', 'mac1', 'mac2']
const packet = Buffer.concat([Buffer.alloc(22), ...lists.map((names) => field(names))])

function opened(...chunks: (string | Buffer)[]) {
  const opening = startOpening()
  for (const chunk of chunks) opening.push(Buffer.from(chunk))
  return opening
}

describe('startOpening', () => {
  it('finds the banner and what came before it, wherever it is cut', () => {
    const all = Buffer.concat([Buffer.from('Welcome.\r\nSSH-2.0-x y\r\n'), packet])
    for (let at = 0; at < all.length; at++) {
      const opening = opened(all.subarray(0, at), all.subarray(at))
      expect(opening.hasBanner()).toBe(true)
      expect(opening.greeting()).toBe('Welcome.\r\n')
      expect(opening.offers()).toEqual({
        keyExchanges: ['curve25519-sha256', 'x'],
        hostKeys: ['ssh-ed25519'],
        ciphers: ['aes1', 'aes2'],
        macs: ['mac1'],
      })
    }
  })

  it('takes no line for a banner that is not whole, or has SSH- not at its beginning', () => {
    const opening = opened('not SSH-2.0-x\r\n', 'SSH-2.0-')
    expect(opening.hasBanner()).toBe(false)
    expect(opening.greeting()).toBe('not SSH-2.0-x\r\nSSH-2.0-')
    expect(opening.isNotSsh()).toBe(false)
  })

  it('says that it is not SSH after 8192 characters without a banner, and keeps no more', () => {
    const opening = opened('x'.repeat(8191))
    expect(opening.isNotSsh()).toBe(false)
    opening.push(Buffer.from('x'.repeat(100_000)))
    expect(opening.isNotSsh()).toBe(true)
    expect(opening.greeting()).toBe('x'.repeat(8192))
  })

  it('reads no offers from what is cut off or endless', () => {
    expect(opened('SSH-2.0-x\n', packet.subarray(0, -1)).offers()).toBeUndefined()
    const endless = opened('SSH-2.0-x\n', Buffer.alloc(40_000, 0xff))
    endless.push(packet)
    expect(endless.offers()).toBeUndefined()
  })
})
