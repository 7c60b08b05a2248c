import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { dial } from '../../../src/ssh/connect/wire.ts'
import { accessAt } from '../host-access.ts'

describe('dial', () => {
  it('sends the pieces that are written in one turn together, and in their order', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const arriving = once(server, 'connection')
    const wire = dial(accessAt((server.address() as AddressInfo).port))
    await once(wire, 'connect')
    const [host]: Socket[] = await arriving
    let arrived = ''
    host?.on('data', (chunk) => {
      arrived += chunk
    })
    const sent: number[] = []
    const { _writev } = wire
    wire._writev = (chunks, done) => {
      sent.push(chunks.length)
      _writev?.call(wire, chunks, done)
    }
    for (const piece of ['length ', 'content ', 'tag ']) wire.write(piece)
    await expect.poll(() => arrived).toBe('length content tag ')
    expect(sent).toEqual([3])
    wire.write('length ')
    wire.end('the end')
    await expect.poll(() => arrived).toBe('length content tag length the end')
    server.close()
  })
})
